import type { Queryable } from '../../database/transaction.ts';
import { PanelvecError } from '../../errors.ts';
import { toUnitLength } from '../../util/vectors.ts';
import type { Collection } from '../collection.ts';
import { tablesOf } from '../collection-tables.ts';
import { decodeVector } from '../vector-format.ts';

/** An id of a panel with its path in the request, for errors. */
export interface PanelReference {
  readonly id: string;
  readonly field: string;
}

/** The vectors of panels, of unit length, by their ids. @throws PanelvecError not_found naming the field of the first that is not there */
export async function readStoredVectors(
  database: Queryable,
  collection: Pick<Collection, 'id' | 'name'>,
  references: readonly PanelReference[],
): Promise<ReadonlyMap<string, Float32Array>> {
  if (references.length === 0) return new Map();
  const ids = [...new Set(references.map(({ id }) => id))];
  const { rows } = await database.query<{ id: string; vector: Buffer }>(
    `SELECT id, halfvec_send(embedding) AS vector FROM ${tablesOf(collection).panels} WHERE id = ANY($1)`,
    [ids],
  );
  const vectors = new Map(rows.map(({ id, vector }) => [id, toUnitLength(decodeVector(vector))]));
  const missing = references.find(({ id }) => !vectors.has(id));
  if (missing === undefined) return vectors;
  const message = `the collection "${collection.name}" has no panel "${missing.id}"`;
  throw new PanelvecError('not_found', message, { param: missing.field });
}
