import { z } from 'zod';
import type { ServedModel, ServedModels } from '../../../embedding/served-models.ts';
import { parse } from '../../parse-request.ts';

export const modelPathSchema = z.strictObject({ model: z.string(), version: z.string().optional() });

/** Every place of a model is there with its version and without. */
export function modelPaths(suffix = ''): string[] {
  return [`/v2/models/:model${suffix}`, `/v2/models/:model/versions/:version${suffix}`];
}

/** @throws PanelvecError model_not_found */
export function findModelByParams(models: ServedModels, params: unknown): ServedModel {
  const { model, version } = parse(modelPathSchema, params);
  return models.find(version === undefined ? model : `${model}@${version}`);
}
