import { pagesInChunk, type StoreShape } from '../../src/zarr/store-shape.ts';

/** What is put into the chunks of tests: values that tell their place and round; page p has p % (panels + 1) panels. */
export function testChunk(shape: StoreShape, chunk: number, round = 1) {
  const { panels, dimensions } = shape;
  const pages = pagesInChunk(shape, chunk);
  const masks = new Uint8Array(pages * panels);
  const embeddings = new Float32Array(pages * panels * dimensions);
  for (let row = 0; row < masks.length; row++) {
    const page = Math.floor(row / panels) + 100 * chunk;
    if (row % panels >= page % (panels + 1)) continue;
    masks[row] = 1;
    // The sine keeps them from being compressed away: files must be large enough to be torn.
    for (let i = 0; i < dimensions; i++) {
      embeddings[row * dimensions + i] = round + Math.sin((page * panels + row + 1) * (i + 1) ** 2) / 4;
    }
  }
  return { embeddings, masks };
}
