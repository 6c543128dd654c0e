import { PanelvecError } from '../errors.ts';

/** A store holds vectors (pages, panels, dimensions) and masks (pages, panels) of the panels that a page has. */
export interface StoreShape {
  readonly pages: number;
  readonly panels: number;
  readonly dimensions: number;
}

/** Pages in a chunk file; panels and dimensions are never split. */
export const PAGES_PER_CHUNK = 100;

export function chunkCount({ pages }: StoreShape): number {
  return Math.ceil(pages / PAGES_PER_CHUNK);
}

/** Pages of the store in a chunk: fewer in the last. @throws PanelvecError where the store has no such chunk */
export function pagesInChunk(shape: StoreShape, chunk: number): number {
  if (!Number.isInteger(chunk) || chunk < 0 || chunk >= chunkCount(shape)) {
    throw new PanelvecError('internal', `no chunk ${chunk} in a store of ${shape.pages} pages`);
  }
  return Math.min(PAGES_PER_CHUNK, shape.pages - chunk * PAGES_PER_CHUNK);
}
