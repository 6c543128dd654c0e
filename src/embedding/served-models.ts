import { SETTINGS } from '../config.ts';
import { PanelvecError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import { findModel, modelRoots } from '../model/model-folders.ts';
import { openServedModel, type ServedModel } from './served-model.ts';

/** The alias that requests without a model mean. */
export const DEFAULT_ALIAS = 'default';

/** What an alias means, by ids of served models. */
export interface AliasTarget {
  readonly model: string;
  /** Takes a share of the requests, from 0 to 1, in place of the model */
  readonly canary?: { readonly model: string; readonly share: number } | undefined;
}

/** What of a request decides between a model and its canary. */
export interface RequestChoice {
  /** In [0, 1), equal for equal requests */
  readonly fraction?: number | undefined;
  /** The space that the request expects */
  readonly expectedSpace?: string | undefined;
}

interface Alias {
  readonly active: ServedModel;
  readonly canary: { readonly served: ServedModel; readonly share: number } | undefined;
}

/**
 * The models of this service now, and what their aliases mean. A request finds its model once and keeps it: a switch is one
 * assignment, which changes the model of the next request.
 */
export class ServedModels {
  /** By id. Those of PANELVEC_MODELS come first */
  readonly #models = new Map<string, ServedModel>();
  readonly #aliases = new Map<string, Alias>();
  /** Why an alias has no model now */
  readonly #unavailable = new Map<string, string>();
  readonly #fixedAliases: ReadonlySet<string>;

  /**
   * The first model is the default until another is set.
   * @param aliases `alias=model` each @throws PanelvecError config_invalid naming the alias that cannot be
   */
  constructor(models: readonly ServedModel[], aliases: readonly string[] = []) {
    for (const served of models) this.add(served);
    const [first] = models;
    if (first !== undefined) this.#aliases.set(DEFAULT_ALIAS, { active: first, canary: undefined });
    this.#fixedAliases = new Set(aliases.map((entry) => this.#addFixedAlias(entry)));
  }

  /** Reads the models and compares every file with its hash. @throws ModelError */
  static async load(names: readonly string[], home: string, aliases: readonly string[] = []): Promise<ServedModels> {
    const models: ServedModel[] = [];
    for (const name of names) {
      const model = await findModel(name, modelRoots(home));
      if (models.some((other) => other.model.id === model.id)) throw new ModelError(`model ${model.id} is named twice`);
      models.push(await openServedModel(model));
    }
    return new ServedModels(models, aliases);
  }

  get all(): readonly Model[] {
    return [...this.#models.values()].map((served) => served.model);
  }

  /** The model of requests that name none; undefined where there is none now. */
  get defaultModel(): Model | undefined {
    return this.#aliases.get(DEFAULT_ALIAS)?.active.model;
  }

  /** Whether any alias shares its requests with a canary. */
  get hasCanary(): boolean {
    return [...this.#aliases.values()].some(({ canary }) => canary !== undefined);
  }

  /** Whether requests may use the name, even if its model is unavailable now. */
  has(name: string): boolean {
    return this.#findByName(name) !== undefined || this.#aliases.has(name) || this.#unavailable.has(name);
  }

  /** What each alias means, without its canary. */
  get aliases(): readonly { readonly alias: string; readonly model: string }[] {
    return [...this.#aliases].map(([alias, { active }]) => ({ alias, model: active.model.id }));
  }

  /** What an alias means; undefined where it means nothing now. */
  targetOf(name: string): AliasTarget | undefined {
    const alias = this.#aliases.get(name);
    if (alias === undefined) return undefined;
    const { active, canary } = alias;
    return { model: active.model.id, canary: canary && { model: canary.served.model.id, share: canary.share } };
  }

  /** Ids of the models and the canaries that aliases mean. */
  get targets(): ReadonlySet<string> {
    const served = [...this.#aliases.values()].flatMap(({ active, canary }) => [
      active,
      ...(canary ? [canary.served] : []),
    ]);
    return new Set(served.map(({ model }) => model.id));
  }

  /** Whether a served model has the name or the id. */
  hasModel(name: string): boolean {
    return this.#findByName(name) !== undefined;
  }

  /** Whether PANELVEC_MODEL_ALIASES has the alias. */
  isFixed(alias: string): boolean {
    return this.#fixedAliases.has(alias);
  }

  /** The further names of a model. `default` is not among them. */
  aliasesOf({ id }: Model): string[] {
    const isOther = ([alias, { active }]: [string, Alias]) => alias !== DEFAULT_ALIAS && active.model.id === id;
    return [...this.#aliases].filter(isOther).map(([alias]) => alias);
  }

  /** Serves a model under its name and its id. */
  add(served: ServedModel): void {
    this.#models.set(served.model.id, served);
  }

  /** Serves a model no longer. It must not be what an alias means. */
  remove(id: string): void {
    for (const [alias, { active, canary }] of this.#aliases) {
      if (active.model.id === id || canary?.served.model.id === id) throw new Error(`alias ${alias} means ${id}`);
    }
    this.#models.delete(id);
  }

  /** Gives an alias another meaning, for requests from now on. Its models must be served. */
  setAlias(alias: string, { model, canary }: AliasTarget): void {
    const active = this.#require(model);
    this.#aliases.set(alias, {
      active,
      canary: canary && { served: this.#require(canary.model), share: canary.share },
    });
    this.#unavailable.delete(alias);
  }

  /** Lets requests for an alias fail with model_unavailable until it is set: another model than it means would be wrong in silence. */
  setUnavailable(alias: string, problem: string): void {
    this.#aliases.delete(alias);
    this.#unavailable.set(alias, problem);
  }

  removeAlias(alias: string): void {
    this.#aliases.delete(alias);
    this.#unavailable.delete(alias);
  }

  /**
   * Finds a model by `name`, `name@version` or an alias; without a name, the default. Only an alias has a canary. It takes no
   * request that expects the space of the active model, where it has another.
   * @throws PanelvecError model_not_found, model_unavailable
   */
  find(name: string | undefined, choice: RequestChoice = {}): ServedModel {
    const named = name === undefined ? undefined : this.#findByName(name);
    if (named !== undefined) return named;
    const alias = this.#aliases.get(name ?? DEFAULT_ALIAS);
    if (alias !== undefined) return choose(alias, choice);
    throw this.#notFoundError(name ?? DEFAULT_ALIAS);
  }

  #notFoundError(name: string): PanelvecError {
    const problem = this.#unavailable.get(name);
    if (problem !== undefined) {
      const message = `the model of "${name}" cannot be loaded now: ${problem}`;
      return new PanelvecError('model_unavailable', message, { param: 'model' });
    }
    const knownNames = [...this.#models.keys(), ...this.#aliases.keys()].filter((known) => known !== DEFAULT_ALIAS);
    const message = `there is no model "${name}" here; there is ${knownNames.join(', ')}`;
    return new PanelvecError('model_not_found', message, { param: 'model' });
  }

  #require(id: string): ServedModel {
    const served = this.#models.get(id);
    if (served === undefined) throw new Error(`model ${id} is not served`);
    return served;
  }

  /** Of several versions with the name, the one that was served first: what a name means must not change with a new version. */
  #findByName(name: string): ServedModel | undefined {
    return this.#models.get(name) ?? [...this.#models.values()].find(({ model }) => model.spec.name === name);
  }

  #addFixedAlias(entry: string): string {
    const [alias = '', target = ''] = entry.split('=');
    const active = this.#findByName(target);
    if (active === undefined) throw aliasError(entry, `no model "${target}" is loaded`);
    if (this.#findByName(alias)) throw aliasError(entry, 'a model has this name');
    if (alias === DEFAULT_ALIAS) throw aliasError(entry, 'the first of PANELVEC_MODELS is the default');
    if (this.#aliases.has(alias)) throw aliasError(entry, 'the alias is given twice');
    this.#aliases.set(alias, { active, canary: undefined });
    return alias;
  }
}

function choose({ active, canary }: Alias, { fraction, expectedSpace }: RequestChoice): ServedModel {
  if (canary === undefined || fraction === undefined || fraction >= canary.share) return active;
  const expectsActive = expectedSpace === active.model.space && expectedSpace !== canary.served.model.space;
  return expectsActive ? active : canary.served;
}

function aliasError(entry: string, problem: string): PanelvecError {
  const { env, flag } = SETTINGS.modelAliases;
  return new PanelvecError('config_invalid', `${env} (${flag}): "${entry}": ${problem}`);
}
