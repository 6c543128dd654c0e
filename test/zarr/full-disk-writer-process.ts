/** Writes a chunk that does not fit, and prints what came of it. Arguments: store, scratch, shape as JSON. */
import { PanelvecError } from '../../src/errors.ts';
import { createZarrStore } from '../../src/zarr/create-zarr-store.ts';
import { writeChunk } from '../../src/zarr/zarr-chunk.ts';
import { testChunk } from './test-chunk.ts';

const [folder, scratch, json] = process.argv.slice(2) as [string, string, string];
const store = await createZarrStore(folder, JSON.parse(json), {}, scratch);
const { embeddings, masks } = testChunk(store.shape, 0);
try {
  await writeChunk(store, 0, embeddings, masks);
  console.log('written');
} catch (error) {
  console.log(error instanceof PanelvecError && (error.cause as NodeJS.ErrnoException).code);
}
