import type { PageEntry } from '../../datasets/index-pages.ts';
import type { PagePanels } from '../../datasets/page-panels.ts';
import { PanelvecError } from '../../errors.ts';
import { isFiniteVector } from '../../vectors/finish.ts';
import { computePanels, type PanelWork } from '../pages/compute-panels.ts';
import { problemOfPage, readPage } from '../pages/read-page.ts';
import type { EmbedSpec } from './embed-spec.ts';

/** A page as it goes into the store. One that could not be read has a problem, and no panels. */
export interface EmbeddedPage {
  readonly canonicalId: string;
  /** Each of the model's dimensions */
  readonly vectors: readonly Float32Array[];
  readonly summary: string;
  readonly problem: { readonly reason: string; readonly detail: string } | null;
  readonly skipped: PagePanels['skipped'];
  readonly notes: PagePanels['notes'];
}

export interface PageWork extends PanelWork {
  readonly spec: EmbedSpec;
}

/** One page, read and decoded once. What is wrong with it is part of the answer. */
export async function embedPage(page: PageEntry, work: PageWork): Promise<EmbeddedPage> {
  work.signal.throwIfAborted();
  const { canonicalId } = page;
  try {
    const read = await readPage(page, work.spec.dataset, work.resources);
    const computed = await computePanels(read.bytes, read.panels, ['fused'], work);
    const vectors = computed.map((panel, at) => finite(panel.vectors.fused!, read.panels[at]!.at));
    const { skipped, notes, overallSummary: summary } = read;
    return { canonicalId, vectors, summary, problem: null, skipped, notes };
  } catch (error) {
    const problem = problemOfPage(error);
    if (problem === undefined) throw error;
    return { canonicalId, vectors: [], summary: '', problem, skipped: [], notes: [] };
  }
}

function finite(vector: Float32Array, panel: number): Float32Array {
  if (isFiniteVector(vector)) return vector;
  throw new PanelvecError('vector_not_finite', `the model gives no finite vector for panel ${panel}`);
}
