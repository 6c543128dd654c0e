import type { Database } from '../../database/database.ts';
import type { Collection } from '../collection.ts';

/**
 * Makes the two-dimensional map of a collection whose rows are all there, and stores it. It takes the place of an earlier map.
 * @throws the signal's reason; PanelvecError worker_lost where the process that computes ends early
 */
export async function makeCollectionMap(
  _database: Database,
  _collection: Collection,
  _seed: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
}
