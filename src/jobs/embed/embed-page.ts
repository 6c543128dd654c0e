import type { PageEntry } from '../../datasets/index-pages.ts';
import type { PageNote } from '../../datasets/page-notes.ts';
import type { DatasetPanel, PagePanels } from '../../datasets/panel-files/page-panels.ts';
import { computePanels, type PanelContext, requireFinite } from '../pages/compute-panels.ts';
import type { PageProblem } from '../pages/page-report.ts';
import { readPage, toPageProblem } from '../pages/read-page.ts';
import type { EmbedSpec } from './embed-spec.ts';

/** A panel that has been found on its page, and where. */
export type PlacedPanel = Pick<DatasetPanel, 'index' | 'number' | 'box' | 'crop'>;

/** A page as it goes into the store. An unreadable page has a problem and no panels. */
export interface StorePage {
  readonly entry: PageEntry;
  readonly panels: readonly PlacedPanel[];
  /** A vector of the model's dimensions for each panel */
  readonly vectors: readonly Float32Array[];
  readonly summary: string;
  readonly problem: PageProblem | null;
  readonly skipped: PagePanels['skipped'];
  readonly notes: readonly PageNote[];
}

export interface PageContext extends PanelContext {
  readonly spec: EmbedSpec;
}

/** Reads a page and embeds its panels. If the page itself is bad, the result says why; other errors are thrown. */
export async function embedPage(entry: PageEntry, context: PageContext): Promise<StorePage> {
  context.signal.throwIfAborted();
  try {
    const content = await readPage(entry, context.spec.dataset, context.resources);
    const computedPanels = await computePanels(content.image, content.panels, ['fused'], context);
    const vectors = computedPanels.map(({ vectors: { fused }, index }) =>
      requireFinite(fused, `the vector of panel ${index}`),
    );
    const textNotes = computedPanels.flatMap(({ index, textNote }) =>
      textNote ? [{ at: index, note: textNote }] : [],
    );
    const { panels, overallSummary: summary, skipped, notes } = content;
    return {
      entry,
      panels: panels.map(({ index, number, box, crop }) => ({ index, number, box, crop })),
      vectors,
      summary,
      problem: null,
      skipped,
      notes: [...notes, ...textNotes],
    };
  } catch (error) {
    const problem = toPageProblem(error);
    if (problem === undefined) throw error;
    return { entry, panels: [], vectors: [], summary: '', problem, skipped: [], notes: [] };
  }
}
