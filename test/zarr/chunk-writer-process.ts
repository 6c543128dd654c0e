/** Writes the chunks of a store round after round until it is killed. Arguments: store, scratch, shape as JSON. */

import { createZarrStore } from '../../src/zarr/create-zarr-store.ts';
import { chunkCount } from '../../src/zarr/store-shape.ts';
import { writeChunk } from '../../src/zarr/zarr-chunk.ts';
import { testChunk } from './test-chunk.ts';

const [folder, scratch, json] = process.argv.slice(2) as [string, string, string];
const shape = JSON.parse(json);
const store = await createZarrStore(folder, shape, {}, scratch);
for (let round = 1; ; round++) {
  for (let chunk = 0; chunk < chunkCount(shape); chunk++) {
    const { embeddings, masks } = testChunk(shape, chunk, round);
    await writeChunk(store, chunk, embeddings, masks);
  }
}
