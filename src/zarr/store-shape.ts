import { PanelvecError } from '../errors.ts';

/** The sizes of a store, which holds vectors (pages, panels, dimensions) and masks (pages, panels) of the existing panels. */
export interface StoreShape {
  readonly pages: number;
  readonly panels: number;
  readonly dimensions: number;
}

/** Pages in a chunk file. Panels and dimensions are never split. */
export const PAGES_PER_CHUNK = 100;

export function chunkCount({ pages }: Pick<StoreShape, 'pages'>): number {
  return Math.ceil(pages / PAGES_PER_CHUNK);
}

/** The number of pages in a chunk; the last chunk may have fewer. @throws PanelvecError if the store has no such chunk */
export function pagesInChunk(shape: Pick<StoreShape, 'pages'>, chunk: number): number {
  if (!Number.isInteger(chunk) || chunk < 0 || chunk >= chunkCount(shape)) {
    throw new PanelvecError('internal', `a store of ${shape.pages} pages has no chunk ${chunk}`);
  }
  return Math.min(PAGES_PER_CHUNK, shape.pages - chunk * PAGES_PER_CHUNK);
}

/** The number of pages in each chunk. */
export function chunkSizes(shape: Pick<StoreShape, 'pages'>): number[] {
  return Array.from({ length: chunkCount(shape) }, (_, chunk) => pagesInChunk(shape, chunk));
}
