import type { PageEntry } from '../../datasets/index-pages.ts';
import { computePanels, type PanelContext, requireFinite } from '../pages/compute-panels.ts';
import { readPage } from '../pages/read-page.ts';
import { describePage, type PageDescription } from './describe-page.ts';
import type { EmbedSpec } from './embed-spec.ts';

/** A page as it goes into the store. An unreadable page has a problem and no panels. */
export interface StorePage extends PageDescription {
  /** A vector of the model's dimensions for each panel */
  readonly vectors: readonly Float32Array[];
}

export interface PageContext extends PanelContext {
  readonly spec: EmbedSpec;
}

/** Reads a page and embeds its panels. If the page itself is bad, the result says why; other errors are thrown. */
export async function embedPage(entry: PageEntry, context: PageContext): Promise<StorePage> {
  context.signal.throwIfAborted();
  let vectors: Float32Array[] = [];
  const page = await describePage(entry, async () => {
    const content = await readPage(entry, context.spec.dataset, context.resources);
    const computedPanels = await computePanels(content.image, content.panels, ['fused'], context);
    vectors = computedPanels.map(({ vectors: { fused }, index }) =>
      requireFinite(fused, `the vector of panel ${index}`),
    );
    return { content, textNotes: computedPanels.map(({ textNote }) => textNote) };
  });
  return { ...page, vectors };
}
