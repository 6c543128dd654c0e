import { createHash } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import type { Collection } from '../collection.ts';
import { writeMap } from './collection-map.ts';
import { LayoutProcess } from './layout/layout-process.ts';
import { MapBuilder } from './map-builder.ts';
import { encodeMapPoints } from './map-points.ts';
import { type MapRows, readMapRows } from './map-rows.ts';

/** More points than this are no more to see, and 2 MB for a browser to load. */
const MAX_POINTS = 100_000;
/** UMAP takes 30 s and 500 MB for so many, and both grow with their number. */
const MAX_LANDMARKS = 10_000;

/**
 * Makes the two-dimensional map of a collection whose rows are all there, and stores it. It takes the place of an earlier map. An
 * empty collection has none.
 * @throws the signal's reason; PanelvecError worker_lost where the process that computes ends early
 */
export async function makeCollectionMap(
  database: Database,
  collection: Pick<Collection, 'id' | 'name' | 'dimensions'>,
  seed: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await using layout = new LayoutProcess(signal);
  const batches = readMapRows(database, collection, MAX_POINTS);
  const first = await readLandmarks(batches, signal);
  if (first.panels.length === 0) return;
  const builder = new MapBuilder();
  const landmarks = { dimensions: collection.dimensions, values: first.vectors };
  builder.add(first.panels, await layout.fit(landmarks, seed));
  for await (const { panels, vectors } of batches) builder.add(panels, await layout.place(vectors));
  const { points, clusters, books, pageTypes } = builder.build();
  const bytes = encodeMapPoints(points);
  await writeMap(database, collection, {
    summary: { count: points.ids.length, seed, landmarks: first.panels.length, clusters, books, pageTypes },
    points: bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
}

/** The first rows, as one batch. What is left over stays in the generator. */
async function readLandmarks(batches: AsyncGenerator<MapRows>, signal: AbortSignal): Promise<MapRows> {
  const read: MapRows[] = [];
  for (let count = 0; count < MAX_LANDMARKS; ) {
    signal.throwIfAborted();
    const { value, done } = await batches.next();
    if (done) break;
    read.push(value);
    count += value.panels.length;
  }
  return {
    panels: read.flatMap(({ panels }) => panels),
    vectors: concatenateFloats(read.map(({ vectors }) => vectors)),
  };
}
