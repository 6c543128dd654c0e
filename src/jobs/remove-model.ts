import path from 'node:path';
import type { CollectionDatabase } from '../collections/collection-database.ts';
import { type Config, SETTINGS } from '../config.ts';
import type { ServiceDatabase } from '../database/service-database.ts';
import { PanelvecError } from '../errors.ts';
import { BUNDLED_MODELS, isModelFolder, modelRoots } from '../model/model-folders.ts';
import type { ModelRegistry } from '../model-registry/model-registry.ts';
import type { RegisteredModel } from '../model-registry/registered-model.ts';
import { listAliases, lockAliases } from '../promotion/alias-records.ts';
import type { Promotions } from '../promotion/promotions.ts';
import { listJobsUsing, listVectorsIn } from './model-uses.ts';

interface RemovalServices {
  readonly config: Config;
  readonly database: ServiceDatabase;
  readonly collections: CollectionDatabase;
  readonly registry: ModelRegistry;
  readonly promotions: Pick<Promotions, 'aliases'>;
}

type AliasUse = Pick<ReturnType<Promotions['aliases']>[number], 'alias' | 'model' | 'previous' | 'canary'>;

/**
 * Removes the folder of a model, and keeps its record as retired.
 * @throws PanelvecError model_not_found; model_in_use naming all that needs the model
 */
export async function removeModel(id: string, services: RemovalServices): Promise<RegisteredModel> {
  const { registry } = services;
  await registry.synchronize();
  const model = registry.get(id);
  assertUnused(model, [
    ...listFixedUses(model, services.config),
    ...listAliasUses(model, services.promotions.aliases()),
    ...(await listJobsUsing(model.id, services.database)),
    ...(await listVectorsIn(orphanedSpaces(model, registry), { ...services, home: services.config.home })),
  ]);
  return registry.remove(model.id, async (queries) => {
    // An activation that is at work now waits for the lock, and then finds that the model was removed.
    await lockAliases(queries);
    assertUnused(model, listAliasUses(model, await listAliases(queries)));
  });
}

/** What no call can change: settings, and the models that come with panelvec. */
function listFixedUses({ model }: RegisteredModel, { models, home }: Config): string[] {
  if (model === undefined) return [];
  const isBundled = path.dirname(model.folder) === BUNDLED_MODELS;
  const isNamed = models.some((name) => isModelFolder(name, model.folder, modelRoots(home)));
  return [...(isBundled ? ['it comes with panelvec'] : []), ...(isNamed ? [`${SETTINGS.models.env} names it`] : [])];
}

function listAliasUses({ id }: RegisteredModel, aliases: readonly AliasUse[]): string[] {
  return aliases.flatMap(({ alias, model, previous, canary }) => [
    ...(model === id ? [`the alias "${alias}" means it`] : []),
    ...(canary?.model === id ? [`it is the canary of the alias "${alias}"`] : []),
    ...(previous === id ? [`a rollback of the alias "${alias}" brings it back`] : []),
  ]);
}

/** The spaces in which no other model makes vectors: those that are stored would be of no use any more. */
function orphanedSpaces({ id, space, model }: RegisteredModel, registry: ModelRegistry): Set<string> {
  const others = registry
    .list()
    .filter((other) => other.id !== id && other.retiredAt === null && other.problem === null);
  const kept = new Set(others.map((other) => other.space));
  return new Set([space, model?.space ?? space].filter((own) => !kept.has(own)));
}

function assertUnused({ id }: RegisteredModel, uses: readonly string[]): void {
  if (uses.length === 0) return;
  throw new PanelvecError('model_in_use', `${id} cannot be removed: ${uses.join('; ')}`, { param: 'id' });
}
