import type { Model } from '../model/model.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import type { JsonObject } from '../util/json.ts';
import type { ModelOrigin } from './model-origin.ts';

/** What of a model version never changes, as it was entered. */
export interface ModelVersion {
  /** `name@version` */
  readonly id: string;
  readonly space: string;
  /** The name of its folder below a root of models, or a path where it is elsewhere */
  readonly folder: string;
  readonly spec: ModelSpec;
  /** Of the bytes of its model.json */
  readonly specSha256: string;
  /** Of the hashes of all files that it needs to run */
  readonly weightsSha256: string;
  /** What trained it; null where its folder does not say */
  readonly origin: ModelOrigin | null;
}

/** A model version as the registry knows it. */
export interface RegisteredModel extends ModelVersion {
  /** Inputs with their vectors; null until the first load */
  readonly golden: JsonObject | null;
  /** Its folder on this machine as it is now, which may not be what was entered; undefined where there is none */
  readonly model: Model | undefined;
  /** Why this service cannot load it; null where nothing is known against it */
  readonly problem: string | null;
  readonly createdAt: Date;
  /** When it was removed; null while it is there */
  readonly retiredAt: Date | null;
}

export const MODEL_STATES = ['available', 'active', 'retired', 'broken'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

/** @param isActive whether it is the model or the canary of an alias */
export function modelState({ problem, retiredAt }: RegisteredModel, isActive: boolean): ModelState {
  if (retiredAt !== null) return 'retired';
  if (isActive) return 'active';
  return problem === null ? 'available' : 'broken';
}
