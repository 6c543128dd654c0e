import { PanelvecError } from '../../../errors.ts';
import type { Model } from '../../../model/model.ts';
import { DEFAULT_ZERO_SHOT } from '../../../model/zero-shot-spec.ts';
import { modelState, type RegisteredModel } from '../../../model-registry/registered-model.ts';
import type { Services } from '../../../services.ts';
import { toScoring } from '../zero-shot/zero-shot-schemas.ts';
import type { ModelResponse } from './model-schemas.ts';

/** Newest evaluations of a model in a response. */
const MAX_EVALUATIONS = 20;

export type ModelServices = Pick<Services, 'models' | 'pool' | 'registry' | 'promotions'>;

/** A model that is served, registered, or both. */
export interface KnownModel {
  readonly served: Model | undefined;
  readonly registered: RegisteredModel | undefined;
}

/** All models: those that are served, then the others as they were entered. */
export function listKnownModels({ models, registry }: ModelServices): KnownModel[] {
  const registered = new Map(registry.list().map((model) => [model.id, model]));
  const served = new Set(models.all.map(({ id }) => id));
  return [
    ...models.all.map((model) => ({ served: model, registered: registered.get(model.id) })),
    ...[...registered.values()]
      .filter(({ id }) => !served.has(id))
      .map((model) => ({ served: undefined, registered: model })),
  ];
}

/** Finds a model by id, name or alias. @throws PanelvecError model_not_found; model_unavailable for an alias without a model */
export function findKnownModel(name: string, services: ModelServices): KnownModel {
  const { models, registry } = services;
  const registered = models.has(name) ? undefined : registry.find(name);
  if (registered !== undefined) return { served: undefined, registered };
  const { model } = models.find(name);
  return { served: model, registered: registry.find(model.id) };
}

export function toModelResponse({ served, registered }: KnownModel, services: ModelServices): ModelResponse {
  const { models, pool, registry, promotions } = services;
  const model = served ?? registered;
  if (model === undefined) throw new PanelvecError('internal', 'a model is neither served nor registered');
  const { id, space, spec } = model;
  const { name, version, description, licence, dimensions, head, vision, text, files } = spec;
  const isActive = promotions.aliases().some((alias) => alias.model === id || alias.canary?.model === id);
  const notRegistered = isActive ? 'active' : 'available';
  const origin = registered?.origin ?? null;
  return {
    id,
    object: 'model',
    created: (served ?? registered?.model)?.created ?? Math.floor((registered?.createdAt.getTime() ?? 0) / 1000),
    owned_by: 'panelvec',
    aliases: served ? models.aliasesOf(served) : [],
    name,
    version,
    description,
    licence,
    default: id === models.defaultModel?.id,
    space,
    dimensions,
    fusion_mode: head.fusion_mode,
    visual_backbones: vision.backbones.map((backbone) => backbone.name),
    image_size: vision.image_size,
    grid_views: vision.grid_views,
    max_tokens: text.max_tokens,
    bytes: Object.values(files).reduce((sum, file) => sum + file.bytes, 0),
    zero_shot: toScoring(spec.zero_shot ?? DEFAULT_ZERO_SHOT),
    engines: pool.engines
      .filter((engine) => engine.model === id)
      .map(({ device, index, info }) => ({
        device,
        index,
        provider: info?.provider ?? null,
        fallback: info?.fallback ?? null,
      })),
    state: registered === undefined ? notRegistered : modelState(registered, isActive),
    served: served !== undefined,
    loaded: pool.isLoaded(id),
    problem: registered?.problem ?? null,
    weights_sha256: registered?.weightsSha256 ?? null,
    parent: origin?.parent ?? null,
    training_job: origin?.training_job ?? null,
    data_fingerprint: origin?.data_fingerprint ?? null,
    measures: registry
      .findMeasures(id)
      .slice(0, MAX_EVALUATIONS)
      .map((measured) => ({ ...measured })),
  };
}
