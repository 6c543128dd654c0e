import type { Database } from '../../database/database.ts';
import { PanelvecError } from '../../errors.ts';
import type { Collection, FacetValue } from '../collection.ts';

/** A group of panels that are alike, found by k-means. */
export interface MapCluster {
  readonly panels: number;
  /** The ids of the panels nearest to its centre, the nearest first */
  readonly faces: readonly string[];
}

/** What is known of a map besides its points. */
export interface MapSummary {
  /** Panels on the map: not all of a large collection */
  readonly count: number;
  readonly seed: number;
  /** Panels that UMAP placed itself */
  readonly landmarks: number;
  /** The largest first. The clusters of points are indexes into this list. */
  readonly clusters: readonly MapCluster[];
  /** The books with most panels on the map. The books of points are indexes into this list. */
  readonly books: readonly FacetValue[];
  /** As the books */
  readonly pageTypes: readonly FacetValue[];
}

/** A map as it is stored. The points have the layout of `encodeMapPoints`. */
export interface StoredMap {
  readonly summary: MapSummary;
  readonly points: Buffer;
  /** The hash of the points, by which a client knows whether it has them */
  readonly sha256: string;
}

type Owner = Pick<Collection, 'id' | 'name'>;

/** Stores the map of a collection in the place of an earlier one. */
export async function writeMap(database: Database, { id }: Owner, map: StoredMap): Promise<void> {
  await database.query(
    `INSERT INTO panelvec.collection_maps (collection_id, summary, points, points_sha256) VALUES ($1, $2, $3, $4)
      ON CONFLICT (collection_id) DO UPDATE SET (summary, points, points_sha256) =
        (EXCLUDED.summary, EXCLUDED.points, EXCLUDED.points_sha256)`,
    [id, map.summary, map.points, map.sha256],
  );
}

/** The collections among these that have a map, by their ids. */
export async function findMapped(database: Database, collections: readonly Owner[]): Promise<ReadonlySet<number>> {
  const { rows } = await database.query<{ collection_id: string }>(
    'SELECT collection_id FROM panelvec.collection_maps WHERE collection_id = ANY($1::bigint[])',
    [collections.map(({ id }) => id)],
  );
  return new Set(rows.map((row) => Number(row.collection_id)));
}

/** @throws PanelvecError not_found */
export async function readMapSummary(
  database: Database,
  collection: Owner,
): Promise<Pick<StoredMap, 'summary' | 'sha256'>> {
  const { rows } = await database.query<{ summary: MapSummary; points_sha256: string }>(
    'SELECT summary, points_sha256 FROM panelvec.collection_maps WHERE collection_id = $1',
    [collection.id],
  );
  const [row] = rows;
  if (row === undefined) throw noMapError(collection);
  return { summary: row.summary, sha256: row.points_sha256 };
}

/** @throws PanelvecError not_found */
export async function readMapPoints(database: Database, collection: Owner): Promise<Buffer> {
  const { rows } = await database.query<{ points: Buffer }>(
    'SELECT points FROM panelvec.collection_maps WHERE collection_id = $1',
    [collection.id],
  );
  const [row] = rows;
  if (row === undefined) throw noMapError(collection);
  return row.points;
}

function noMapError({ name }: Owner): PanelvecError {
  return new PanelvecError('not_found', `the collection "${name}" has no map`, { param: 'collection' });
}
