import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { computePanels, type PanelContext, requireFinite } from './compute-panels.ts';
import { describePage, type PageDescription } from './describe-page.ts';
import { readPage } from './read-page.ts';

/** A page with the vectors of its panels. An unreadable page has a problem and no panels. */
export interface EmbeddedPage extends PageDescription {
  /** A vector of the model's dimensions for each panel */
  readonly vectors: readonly Float32Array[];
}

export interface PageContext extends PanelContext {
  readonly dataset: Dataset;
}

/** Reads a page and embeds its panels. If the page itself is bad, the result says why; other errors are thrown. */
export async function embedPage(entry: PageEntry, context: PageContext): Promise<EmbeddedPage> {
  context.signal.throwIfAborted();
  let vectors: Float32Array[] = [];
  const page = await describePage(entry, async () => {
    const content = await readPage(entry, context.dataset, context.resources);
    const computedPanels = await computePanels(content.image, content.panels, ['fused'], context);
    vectors = computedPanels.map(({ vectors: { fused }, index }) =>
      requireFinite(fused, `the vector of panel ${index}`),
    );
    return {
      content,
      textNotes: computedPanels.map(({ textNote }) => textNote),
      gates: computedPanels.map(({ gate }) => gate),
    };
  });
  return { ...page, vectors };
}
