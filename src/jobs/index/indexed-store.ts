import { existsSync } from 'node:fs';
import type { CollectionPage } from '../../collections/collection.ts';
import { bookOfPage } from '../../datasets/identifiers.ts';
import { PanelvecError } from '../../errors.ts';
import { toUnitLength } from '../../util/vectors.ts';
import { openZarrStore, type ReadableZarrStore, readChunkVectors } from '../../zarr/open-zarr-store.ts';
import { PAGES_PER_CHUNK } from '../../zarr/store-shape.ts';
import type { PageLine, PanelLine } from '../embed/store-lines.ts';
import { getStorePaths, type StorePaths } from '../embed/store-paths.ts';
import { findLineOffsets, type LineOffsets, readPartLines } from './line-offsets.ts';

/** Where the lines of each chunk are, in both files of a store that have lines. */
export interface StoreOffsets {
  readonly pages: LineOffsets;
  readonly panels: LineOffsets;
}

/** @throws PanelvecError invalid_request if there is no such store, or it is not finished, or made by an earlier version */
export function assertIndexable(home: string, name: string): StorePaths {
  const paths = getStorePaths(home, name);
  const refuse = (problem: string) => {
    throw new PanelvecError('invalid_request', `the store "${name}" ${problem}`, { param: 'store' });
  };
  if (!existsSync(paths.store)) refuse(`does not exist in ${paths.folder}: run an embed job with this output first`);
  if (!existsSync(paths.metadata)) refuse('is not finished: let its embed job end first, or submit it again');
  if (!existsSync(paths.pages)) {
    refuse('has no pages.jsonl, because an earlier version made it: embed into another store, or index the dataset');
  }
  return paths;
}

/** Opens a finished store. */
export function openIndexedStore(home: string, name: string): Promise<ReadableZarrStore> {
  return openZarrStore(assertIndexable(home, name).store);
}

/** Finds the lines of each chunk of a store. @throws PanelvecError dataset_invalid naming a line that does not fit */
export async function findStoreOffsets(
  { pages, panels }: StorePaths,
  { shape }: ReadableZarrStore,
  signal: AbortSignal,
): Promise<StoreOffsets> {
  const offsets = {
    pages: await findLineOffsets(pages, shape.pages, PAGES_PER_CHUNK, signal),
    panels: await findLineOffsets(panels, shape.pages, PAGES_PER_CHUNK, signal),
  };
  if (offsets.pages.lines === shape.pages) return offsets;
  const problem = `${pages} has ${offsets.pages.lines} lines for ${shape.pages} pages`;
  throw new PanelvecError('dataset_invalid', problem, { param: 'store' });
}

/** Reads the pages of a chunk with their panels and vectors. */
export async function readStorePages(
  { pages, panels }: StorePaths,
  store: ReadableZarrStore,
  offsets: StoreOffsets,
  chunk: number,
): Promise<CollectionPage[]> {
  const vectors = await readChunkVectors(store, chunk);
  const panelsByPage = Map.groupBy(
    await readPartLines<PanelLine>(panels, offsets.panels, chunk),
    ({ sequence_index: page }) => page,
  );
  const pageLines = await readPartLines<PageLine>(pages, offsets.pages, chunk);
  const { panels: panelsPerPage, dimensions } = store.shape;
  return pageLines.map((line) => {
    const { sequence_index: page, canonical_id: canonicalId, page_type: pageType, image, image_member: member } = line;
    return {
      page,
      canonicalId,
      book: bookOfPage(canonicalId),
      pageType,
      summary: line.summary,
      image: { path: image, ...(member !== null && { member }) },
      panels: (panelsByPage.get(page) ?? []).map((panel) => {
        const start = ((page % PAGES_PER_CHUNK) * panelsPerPage + panel.panel) * dimensions;
        const [left, top, right, bottom] = panel.crop;
        return {
          panel: panel.panel,
          index: panel.panel_index,
          number: panel.panel_number,
          box: [left, top, right - left, bottom - top],
          text: panel.text,
          gate: panel.gate,
          embedding: toUnitLength(vectors.subarray(start, start + dimensions)),
        };
      }),
    };
  });
}
