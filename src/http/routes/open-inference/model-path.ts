import { z } from 'zod';
import type { ServedModel } from '../../../embedding/served-model.ts';
import type { ServedModels } from '../../../embedding/served-models.ts';

export const modelPathSchema = z.strictObject({ model: z.string(), version: z.string().optional() });

/** The paths of a model, without its version and with it. */
export function modelPaths(suffix = ''): string[] {
  return [`/v2/models/:model${suffix}`, `/v2/models/:model/versions/:version${suffix}`];
}

/**
 * The model that a path names.
 * @param fraction of the request, for an alias with a canary; undefined for its active model
 * @throws PanelvecError model_not_found, model_unavailable
 */
export function findModelByPath(
  models: ServedModels,
  { model, version }: z.output<typeof modelPathSchema>,
  fraction?: number,
): ServedModel {
  return models.find(version === undefined ? model : `${model}@${version}`, { fraction });
}
