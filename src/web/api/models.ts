import type { z } from 'zod';
import type { AliasResponse, aliasListSchema } from '../../http/routes/promotion/alias-schemas.ts';
import type { ModelListResponse, ModelResponse } from '../../http/routes/service/model-schemas.ts';
import { getJson, postJson } from './client.ts';

export type Model = ModelResponse;
export type Alias = AliasResponse;

export function listModels(signal: AbortSignal): Promise<ModelListResponse> {
  return getJson('/v1/models', { signal });
}

export async function listAliases(signal: AbortSignal): Promise<readonly Alias[]> {
  return (await getJson<z.infer<typeof aliasListSchema>>('/v1/aliases', { signal })).data;
}

/** Makes a model the one that requests without a model use. @throws ApiError saying which gate refuses it */
export function activateModel(id: string, force: boolean): Promise<Alias> {
  return postJson(`/v1/models/${encodeURIComponent(id)}/activate`, { force });
}

/** Ends the canary of an alias, or brings back the model before. */
export function rollBack(alias: string): Promise<Alias> {
  return postJson('/v1/models/rollback', { alias });
}
