import type { CollectionDatabase } from '../collections/collection-database.ts';
import { listCollections } from '../collections/collection-records.ts';
import { PanelvecError } from '../errors.ts';
import type { Model } from '../model/model.ts';

/**
 * Refuses a change after which no served model has the space of a collection that can be searched now: nobody could query it by text or
 * picture any more.
 * @throws PanelvecError force_required naming the collections; database_unavailable, because they cannot be known then
 */
export async function assertNoOrphans(
  collections: CollectionDatabase,
  spacesBefore: ReadonlySet<string>,
  spacesAfter: ReadonlySet<string>,
): Promise<void> {
  if ([...spacesBefore].every((space) => spacesAfter.has(space))) return;
  const orphans = (await collections.useIfAvailable(listCollections, [])).filter(
    ({ space }) => spacesBefore.has(space) && !spacesAfter.has(space),
  );
  if (orphans.length === 0) return;
  const names = orphans.map(({ name, model, space }) => `"${name}" (vectors of ${model} in ${space})`).join(', ');
  const advice =
    'index them with the new model, or keep theirs under another alias; "force": true does it nevertheless';
  throw new PanelvecError(
    'force_required',
    `afterwards no served model would have the space of these collections: ${names}. ${advice}`,
    { param: 'force' },
  );
}

/** @throws PanelvecError force_required where answers of one alias would be in two spaces */
export function assertCanarySpace(active: Pick<Model, 'id' | 'space'>, canary: Pick<Model, 'id' | 'space'>): void {
  if (active.space === canary.space) return;
  const message = `the canary ${canary.id} embeds into the space ${canary.space}, ${active.id} into ${active.space}: clients would get vectors that do not compare. "force": true does it nevertheless`;
  throw new PanelvecError('force_required', message, { param: 'force' });
}
