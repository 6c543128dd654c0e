import type { PageEntry } from '../../datasets/index-pages.ts';
import type { PagePanels } from '../../datasets/page-panels.ts';
import { PanelvecError } from '../../errors.ts';
import { isFiniteVector } from '../../util/vectors.ts';
import { computePanels, type PanelContext } from '../pages/compute-panels.ts';
import { readPage, toPageProblem } from '../pages/read-page.ts';
import type { EmbedSpec } from './embed-spec.ts';

/** A page as it goes into the store. One that could not be read has a problem, and no panels. */
export interface StorePage {
  readonly canonicalId: string;
  /** Each of the model's dimensions */
  readonly vectors: readonly Float32Array[];
  readonly summary: string;
  readonly problem: { readonly reason: string; readonly detail: string } | null;
  readonly skipped: PagePanels['skipped'];
  readonly notes: PagePanels['notes'];
}

export interface PageContext extends PanelContext {
  readonly spec: EmbedSpec;
}

/** One page, read and decoded once. What is wrong with it is part of the answer. */
export async function embedPage(page: PageEntry, context: PageContext): Promise<StorePage> {
  context.signal.throwIfAborted();
  const { canonicalId } = page;
  try {
    const content = await readPage(page, context.spec.dataset, context.resources);
    const computedPanels = await computePanels(content.bytes, content.panels, ['fused'], context);
    const vectors = computedPanels.map((panel, i) => assertFinite(panel.vectors.fused!, content.panels[i]!.index));
    const { skipped, notes, overallSummary: summary } = content;
    return { canonicalId, vectors, summary, problem: null, skipped, notes };
  } catch (error) {
    const problem = toPageProblem(error);
    if (problem === undefined) throw error;
    return { canonicalId, vectors: [], summary: '', problem, skipped: [], notes: [] };
  }
}

function assertFinite(vector: Float32Array, panel: number): Float32Array {
  if (isFiniteVector(vector)) return vector;
  throw new PanelvecError('vector_not_finite', `the model gives no finite vector for panel ${panel}`);
}
