import type { Logger } from 'pino';
import type { Audit } from '../access/audit.ts';
import type { CollectionDatabase } from '../collections/collection-database.ts';
import type { Config } from '../config.ts';
import type { ServiceDatabase } from '../database/service-database.ts';
import type { ServedModel } from '../embedding/served-model.ts';
import { DEFAULT_ALIAS, type ServedModels } from '../embedding/served-models.ts';
import { PanelvecError } from '../errors.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { Model } from '../model/model.ts';
import { modelNameSchema } from '../model/model-spec.ts';
import type { EvaluationRequirement } from '../model-registry/evaluation-gate.ts';
import type { ModelRegistry } from '../model-registry/model-registry.ts';
import { chooseAfterActivation } from './activation-choice.ts';
import { AliasFollower } from './alias-follower.ts';
import { type AliasChoice, type AliasRecord, withoutCanary } from './alias-record.ts';
import { AliasSync } from './alias-sync.ts';
import { type AliasView, describeAliases } from './alias-view.ts';
import { ModelLoader } from './model-loader.ts';
import { type CanaryListener, listRunningCanaries, type RunningCanary } from './running-canary.ts';
import { assertCanarySpace, assertNoOrphans } from './space-gate.ts';

export interface ActivationOptions {
  readonly alias: string;
  /** An evaluation that the model must pass */
  readonly require?: EvaluationRequirement | undefined;
  /** Share of the requests for a canary; undefined for all of them */
  readonly canary?: number | undefined;
  /** Whether collections may be left without a model, and a canary may have another space */
  readonly force: boolean;
}

interface PromotionServices {
  readonly config: Pick<Config, 'rollbackSeconds' | 'requestTimeoutSeconds' | 'queueTimeoutSeconds'>;
  readonly models: ServedModels;
  readonly pool: ModelPools;
  readonly database: ServiceDatabase;
  readonly collections: CollectionDatabase;
  readonly registry: ModelRegistry;
  readonly audit: Pick<Audit, 'record'>;
}

/** What model each alias means: changes it through gates, takes it back, and follows what other services have chosen. */
export class Promotions {
  readonly #services: PromotionServices;
  readonly #log: Logger;
  readonly #loader: ModelLoader;
  readonly #follower: AliasFollower;
  readonly #sync: AliasSync;
  /** Ids of PANELVEC_MODELS */
  readonly #configured: readonly string[];
  readonly #activating = new Set<string>();
  readonly #canaryListeners: CanaryListener[] = [];
  #canaryIds = '';

  /** The models that are served already are those of PANELVEC_MODELS. */
  constructor(services: PromotionServices, log: Logger) {
    const { config, models, pool, registry, database } = services;
    this.#services = services;
    this.#log = log;
    this.#configured = models.all.map(({ id }) => id);
    const graceMs = (config.requestTimeoutSeconds + config.queueTimeoutSeconds) * 1000;
    this.#loader = new ModelLoader({ pool, models, registry, graceMs, log });
    this.#follower = new AliasFollower({
      models,
      loader: this.#loader,
      pool,
      configured: this.#configured,
      rollbackMs: config.rollbackSeconds * 1000,
      log,
      onChange: () => this.#tellCanaries(),
    });
    this.#sync = new AliasSync(database, this.#follower, services.audit, log);
  }

  /** Serves what was chosen last, as far as it can be loaded, then follows each change. The database must have started. */
  async start(): Promise<void> {
    if (!this.#services.database.isEnabled) return;
    await this.#sync.start();
    await this.#follower.settle();
    const chosen = this.#follower.find(DEFAULT_ALIAS)?.model;
    const [first] = this.#configured;
    if (chosen === undefined || chosen === first) return;
    this.#log.warn({ model: chosen }, `the default is ${chosen}, which was activated, not ${first} of PANELVEC_MODELS`);
  }

  async stop(): Promise<void> {
    this.#follower.stop();
    this.#loader.stop();
    await this.#sync.stop();
    await this.#follower.settle();
  }

  /** What this service does not serve as it was chosen, in sentences; empty if all is well. */
  get problems(): readonly string[] {
    return this.#follower.records.flatMap((record) => this.#follower.problemOf(record) ?? []);
  }

  /** All aliases, those of PANELVEC_MODEL_ALIASES too. */
  aliases(): AliasView[] {
    return describeAliases(this.#services.models, this.#follower);
  }

  /** Calls back with all canaries that run here, after each change of them. */
  onCanaryChange(listener: CanaryListener): void {
    this.#canaryListeners.push(listener);
  }

  /**
   * Puts a model into service under an alias, or as a canary for a share of its requests, if it passes every gate. The running model
   * notices nothing of one that does not.
   * @throws PanelvecError saying which gate refuses it and why
   */
  async activate(name: string, options: ActivationOptions): Promise<AliasView> {
    const { alias } = options;
    this.#assertFreeAlias(alias);
    if (this.#activating.has(alias)) {
      throw new PanelvecError('activation_conflict', `another activation of the alias "${alias}" is at work`);
    }
    this.#activating.add(alias);
    try {
      const current = await this.#sync.find(alias);
      const served = await this.#loader.open(name);
      using _ = this.#follower.hold(served.model.id);
      const choice = await this.#passGates(served, options, current);
      if (choice !== undefined) await this.#sync.write(choice, current?.revision);
      return this.#view(alias);
    } finally {
      this.#activating.delete(alias);
    }
  }

  /**
   * Ends the canary of an alias, or else brings back the model before. That is loaded already, unless PANELVEC_ROLLBACK_SECONDS have
   * passed.
   * @throws PanelvecError alias_unknown, nothing_to_roll_back, activation_conflict
   */
  async rollback(alias: string): Promise<AliasView> {
    this.#assertChangeable(alias);
    const current = await this.#sync.get(alias);
    const { model, previous, canary, revision } = current;
    if (canary !== null) {
      await this.#sync.write(withoutCanary(current, 'it was rolled back'), revision);
      return this.#view(alias);
    }
    if (previous === null) {
      const message = `the alias "${alias}" means ${model}, and no model before it is known`;
      throw new PanelvecError('nothing_to_roll_back', message);
    }
    using _ = this.#follower.hold(previous);
    await this.#loader.load(previous);
    await this.#sync.write({ ...current, model: previous, previous: null }, revision);
    return this.#view(alias);
  }

  /** Removes an alias; `default` then means the first of PANELVEC_MODELS. @throws PanelvecError alias_unknown, activation_conflict, force_required */
  async removeAlias(alias: string, force: boolean): Promise<void> {
    this.#assertChangeable(alias);
    const record = await this.#sync.get(alias);
    if (!force) {
      const others = this.#follower.records.filter((other) => other.alias !== alias);
      await assertNoOrphans(this.#services.collections, this.#spacesOf(this.#follower.records), this.#spacesOf(others));
    }
    await this.#sync.remove(record);
  }

  /** Ends a canary, here at once and everywhere as soon as the database can be reached. Does nothing if it has ended. */
  endCanary(canaryId: string, reason: string): Promise<void> {
    return this.#sync.endCanary(canaryId, reason);
  }

  /** @throws PanelvecError of the first gate that refuses the model @returns undefined where the alias means it already */
  async #passGates(
    served: ServedModel,
    { alias, require: requirement, canary, force }: ActivationOptions,
    current: AliasRecord | undefined,
  ): Promise<AliasChoice | undefined> {
    const { registry, collections } = this.#services;
    const { id, spec } = served.model;
    if (this.#services.models.targetOf(spec.name) !== undefined) {
      // Requests for the alias would get this model from now on, whatever the alias means.
      throw new PanelvecError('invalid_request', `an alias has the name of ${id}: remove it first`, { param: 'id' });
    }
    const active = current?.model ?? (alias === DEFAULT_ALIAS ? this.#configured[0] : undefined);
    const choice = chooseAfterActivation({ alias, model: id, canary }, current, active);
    if (requirement !== undefined) await registry.evaluationGate(id, active, requirement);
    if (choice !== undefined && !force) {
      const activeModel = active === undefined ? undefined : this.#findModel(active);
      if (canary !== undefined && activeModel !== undefined) assertCanarySpace(activeModel, served.model);
      const others = this.#follower.records.filter((other) => other.alias !== alias);
      const spacesAfter = this.#spacesOf([...others, choice]).add(served.model.space);
      await assertNoOrphans(collections, this.#spacesOf(this.#follower.records), spacesAfter);
    }
    await this.#loader.warm(served);
    return choice;
  }

  /** The spaces of models that stay: a canary ends, and the model before leaves after a time. */
  #spacesOf(choices: readonly AliasChoice[]): Set<string> {
    const ids = [...this.#configured, ...choices.map(({ model }) => model)];
    return new Set(ids.flatMap((id) => this.#findModel(id)?.space ?? []));
  }

  /** A chosen model that cannot be loaded here now has a space all the same, and other services may serve it. */
  #findModel(id: string): Pick<Model, 'id' | 'space'> | undefined {
    return this.#loader.find(id)?.model ?? this.#services.registry.find(id);
  }

  /** @throws PanelvecError invalid_request where nobody can activate a model under this name */
  #assertFreeAlias(alias: string): void {
    this.#assertChangeable(alias);
    const { models, registry } = this.#services;
    const isModel = models.hasModel(alias) || registry.find(alias) !== undefined;
    if (alias !== DEFAULT_ALIAS && isModel) throw aliasError(alias, 'a model has this name');
  }

  /** A model that got the name of an alias later must not keep anybody from taking the alias back. @throws PanelvecError invalid_request */
  #assertChangeable(alias: string): void {
    if (this.#services.models.isFixed(alias)) throw aliasError(alias, 'PANELVEC_MODEL_ALIASES says what it means');
    const problem = modelNameSchema.safeParse(alias).error?.issues[0]?.message;
    if (problem !== undefined) throw aliasError(alias, problem);
  }

  #view(alias: string): AliasView {
    const view = this.aliases().find((candidate) => candidate.alias === alias);
    if (view === undefined) throw new PanelvecError('alias_unknown', `the alias "${alias}" was removed meanwhile`);
    return view;
  }

  #tellCanaries(): void {
    const canaries: readonly RunningCanary[] = listRunningCanaries(this.#services.models, this.#follower);
    const ids = canaries.map(({ id }) => id).join();
    if (ids === this.#canaryIds) return;
    this.#canaryIds = ids;
    for (const listener of this.#canaryListeners) listener(canaries);
  }
}

function aliasError(alias: string, problem: string): PanelvecError {
  return new PanelvecError('invalid_request', `"${alias}": ${problem}`, { param: 'alias' });
}
