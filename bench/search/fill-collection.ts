import { randomUUID } from 'node:crypto';
import { buildVectorIndex } from '../../src/collections/build-vector-index.ts';
import type { Collection } from '../../src/collections/collection.ts';
import { beginCollection, getCollection, publishCollection } from '../../src/collections/collection-records.ts';
import { tablesOf } from '../../src/collections/collection-tables.ts';
import { writePart } from '../../src/collections/part-writer.ts';
import type { Database } from '../../src/database/database.ts';
import { printProgress } from '../runner/report.ts';
import type { PanelVectors } from './panel-vectors.ts';
import { syntheticParts } from './synthetic-collection.ts';

const PROGRESS_PARTS = 20;
const BYTES_PER_MEGABYTE = 1e6;

export interface CollectionSizes {
  readonly rowsMegabytes: number;
  readonly vectorIndexMegabytes: number;
  readonly otherIndexesMegabytes: number;
}

export interface FilledCollection extends CollectionSizes {
  readonly collection: Collection;
  /** Seconds in which an index job writes the rows; in the embedded database also into the index of vectors */
  readonly writeSeconds: number;
  /** Seconds in which it makes the index of vectors when all rows are there; nearly none where it was there before them */
  readonly indexSeconds: number;
}

/** Fills a collection as an index job does. */
export async function fillCollection(
  database: Database,
  vectors: PanelVectors,
  panels: number,
): Promise<FilledCollection> {
  const name = `bench-${panels}`;
  const space = { model: 'bench', space: 'bench', dimensions: vectors.dimensions };
  const begun = await beginCollection(database, { name, jobId: randomUUID(), source: {}, ...space });
  const writeSeconds = await measureSeconds(() => writeParts(database, begun, vectors, panels));
  const { signal } = new AbortController();
  const indexSeconds = await measureSeconds(() => buildVectorIndex(database, begun, signal));
  await publishCollection(database, begun, { pages: 0, panels, facets: null });
  const collection = await getCollection(database, name);
  return { collection, writeSeconds, indexSeconds, ...(await readSizes(database, begun)) };
}

async function writeParts(
  database: Database,
  collection: Collection,
  vectors: PanelVectors,
  panels: number,
): Promise<void> {
  const { signal } = new AbortController();
  let part = 0;
  let written = 0;
  for (const pages of syntheticParts(vectors, panels)) {
    await writePart(database, collection, part++, pages, signal);
    for (const page of pages) written += page.panels.length;
    if (part % PROGRESS_PARTS === 0) printProgress(`  ${written} of ${panels} panels`);
  }
}

async function measureSeconds(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

async function readSizes(database: Database, collection: Collection): Promise<CollectionSizes> {
  const { panels } = tablesOf(collection);
  const { rows } = await database.query<{ heap: string; vectors: string; all: string }>(
    `SELECT pg_table_size($1::regclass) AS heap, pg_indexes_size($1::regclass) AS all,
      pg_relation_size($2::regclass) AS vectors`,
    [panels, `panelvec.panels_${collection.id}_embedding`],
  );
  const [heap = 0, vectors = 0, all = 0] = [rows[0]?.heap, rows[0]?.vectors, rows[0]?.all].map(
    (bytes) => Number(bytes) / BYTES_PER_MEGABYTE,
  );
  return { rowsMegabytes: heap, vectorIndexMegabytes: vectors, otherIndexesMegabytes: all - vectors };
}
