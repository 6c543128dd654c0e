import type { CollectionDatabase } from '../collections/collection-database.ts';
import { firstLine } from '../errors.ts';
import { withinTime } from '../util/within-time.ts';

/** Who asks how the service is does not wait as long as a query may take. */
const SEARCH_TIMEOUT_MS = 2000;

/** Why collections cannot be searched; null if they can. Never rejects. */
export async function findSearchProblem(collections: Pick<CollectionDatabase, 'use'>): Promise<string | null> {
  try {
    await withinTime(
      collections.use((database) => database.query('SELECT 1')),
      SEARCH_TIMEOUT_MS,
    );
    return null;
  } catch (error) {
    return firstLine(error);
  }
}
