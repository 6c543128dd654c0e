import { z } from 'zod';
import type { ServedModel, ServedModels } from '../../embedding/served-models.ts';
import { parse } from '../parse.ts';

export const modelPathSchema = z.strictObject({ model: z.string(), version: z.string().optional() });

/** Every place of a model is there with its version and without. */
export function modelPaths(rest = ''): string[] {
  return [`/v2/models/:model${rest}`, `/v2/models/:model/versions/:version${rest}`];
}

/** @throws PanelvecError model_not_found */
export function modelAt(models: ServedModels, params: unknown): ServedModel {
  const { model, version } = parse(modelPathSchema, params);
  return models.get(version === undefined ? model : `${model}@${version}`);
}
