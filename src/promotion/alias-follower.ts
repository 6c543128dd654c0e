import type { Logger } from 'pino';
import { type AliasTarget, DEFAULT_ALIAS, type ServedModels } from '../embedding/served-models.ts';
import { firstLine } from '../errors.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { AliasRecord, Canary } from './alias-record.ts';
import type { ModelLoader } from './model-loader.ts';

/** How soon a model that could not be loaded is tried again. */
const RETRY_MS = 5000;

interface FollowerOptions {
  readonly models: ServedModels;
  readonly loader: ModelLoader;
  readonly pool: Pick<ModelPools, 'register'>;
  /** Ids of PANELVEC_MODELS, the first the default where nobody has chosen another */
  readonly configured: readonly string[];
  /** How long the model before stays loaded, for a rollback without a load */
  readonly rollbackMs: number;
  readonly log: Logger;
  /** Called after each change of what is served */
  readonly onChange: () => void;
}

interface Failure {
  readonly reason: string;
  readonly retryTime: number;
}

/**
 * Makes the service serve what the records of aliases say. It loads what is missing and changes the meaning of an alias when all of it
 * is there; until then, and where it cannot be loaded, the alias means what it meant.
 */
export class AliasFollower {
  readonly #options: FollowerOptions;
  #records: ReadonlyMap<string, AliasRecord> = new Map();
  /** The aliases that have had a record */
  readonly #known = new Set<string>();
  readonly #failures = new Map<string, Failure>();
  readonly #loads = new Map<string, Promise<void>>();
  /** Models that activations are busy with */
  readonly #held: string[] = [];
  /** Ids of canaries that have ended here, although the database does not say so yet */
  readonly #endedCanaries = new Set<string>();
  /** Records whose model before was loaded, or could not be */
  readonly #warmedRevisions = new Set<number>();
  #isStopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  get records(): readonly AliasRecord[] {
    return [...this.#records.values()];
  }

  find(alias: string): AliasRecord | undefined {
    return this.#records.get(alias);
  }

  /** Takes over all records when the service starts. What an alias means by the settings would be wrong in silence from now on. */
  begin(records: readonly AliasRecord[]): void {
    for (const record of records) this.#setUnavailable(record);
    this.follow(records);
  }

  /** Takes over all records. */
  follow(records: readonly AliasRecord[]): void {
    this.#records = new Map(records.map((record) => [record.alias, record]));
    this.apply();
  }

  /** Takes over a record that this service has written, unless a later one is known already. */
  adopt(record: AliasRecord): void {
    const known = this.#records.get(record.alias);
    if (known === undefined || known.revision < record.revision) {
      this.follow([...this.records.filter(({ alias }) => alias !== record.alias), record]);
    }
  }

  /** Takes over that an alias was removed. */
  drop(alias: string): void {
    this.follow(this.records.filter((record) => record.alias !== alias));
  }

  /** Keeps a model loaded until what it returns is disposed of. */
  hold(id: string): Disposable {
    this.#held.push(id);
    return {
      [Symbol.dispose]: () => {
        this.#held.splice(this.#held.indexOf(id), 1);
        this.apply();
      },
    };
  }

  /** Gives a canary no more requests, whatever the records say. */
  dropCanary(id: string): void {
    this.#endedCanaries.add(id);
    this.apply();
  }

  /** Resolves when the loads that have begun have ended, well or badly. */
  async settle(): Promise<void> {
    while (this.#loads.size > 0) await Promise.all(this.#loads.values());
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Whether an alias with a record means here what the record says. */
  isInSync(record: AliasRecord): boolean {
    const target = this.#options.models.targetOf(record.alias);
    const canary = this.#runningCanary(record);
    return target?.model === record.model && target.canary?.model === canary?.model;
  }

  /** Why an alias means something else here than its record says, in a sentence; undefined if it does not. */
  problemOf(record: AliasRecord): string | undefined {
    if (this.isInSync(record)) return undefined;
    const target = this.#options.models.targetOf(record.alias);
    const missing = target?.model === record.model ? (record.canary?.model ?? record.model) : record.model;
    const reason = this.#failures.get(missing)?.reason ?? 'it is being loaded';
    const instead = target === undefined ? 'requests for it are refused' : `${target.model} goes on`;
    const role = missing === record.model ? '' : 'the canary ';
    return `alias "${record.alias}" does not mean ${role}${missing} here yet (${reason}): ${instead}`;
  }

  /** Serves what the records say as far as it is loaded, begins to load the rest, and lets go of what nothing needs. */
  apply(): void {
    if (this.#isStopped) return;
    for (const record of this.#records.values()) this.#applyRecord(record);
    this.#forgetRemovedAliases();
    this.#serveAndRelease();
    this.#options.onChange();
  }

  #applyRecord(record: AliasRecord): void {
    const { models, loader } = this.#options;
    const canary = this.#runningCanary(record);
    const active = this.#require(record.model);
    const canaryModel = canary && this.#require(canary.model);
    if (active === undefined) {
      if (models.targetOf(record.alias) === undefined) this.#setUnavailable(record);
      return;
    }
    loader.serve(active);
    if (canaryModel) loader.serve(canaryModel);
    const target: AliasTarget = {
      model: record.model,
      canary: canary && canaryModel ? { model: canary.model, share: canary.share } : undefined,
    };
    const before = models.targetOf(record.alias);
    models.setAlias(record.alias, target);
    this.#known.add(record.alias);
    if (before?.model !== target.model || before.canary?.model !== target.canary?.model) {
      this.#options.log.info({ alias: record.alias, ...target }, `alias "${record.alias}" means ${record.model}`);
    }
  }

  #setUnavailable({ alias, model }: AliasRecord): void {
    this.#options.models.setUnavailable(alias, this.#failures.get(model)?.reason ?? `${model} is being loaded`);
    this.#known.add(alias);
  }

  #runningCanary({ canary }: AliasRecord): Canary | null {
    return canary !== null && !this.#endedCanaries.has(canary.id) ? canary : null;
  }

  /** A model if it is ready. Else it is being loaded from now on. */
  #require(id: string): ReturnType<ModelLoader['find']> {
    const ready = this.#options.loader.find(id);
    if (ready === undefined) this.#load(id);
    return ready;
  }

  #load(id: string): void {
    const failure = this.#failures.get(id);
    if (this.#loads.has(id) || (failure !== undefined && performance.now() < failure.retryTime)) return;
    const loading = this.#options.loader
      .load(id)
      .then(() => {
        this.#failures.delete(id);
      })
      .catch((err: unknown) => {
        const reason = firstLine(err);
        if (failure?.reason !== reason && !this.#isStopped)
          this.#options.log.error({ err, model: id }, `cannot load ${id}`);
        this.#failures.set(id, { reason, retryTime: performance.now() + RETRY_MS });
      })
      .finally(() => {
        this.#loads.delete(id);
        this.apply();
      });
    this.#loads.set(id, loading);
  }

  #forgetRemovedAliases(): void {
    const { models, configured } = this.#options;
    for (const alias of [...this.#known]) {
      if (this.#records.has(alias)) continue;
      const [first] = configured;
      if (alias === DEFAULT_ALIAS && first !== undefined) models.setAlias(alias, { model: first });
      else models.removeAlias(alias);
      this.#known.delete(alias);
    }
  }

  #serveAndRelease(): void {
    const { configured, loader, models, pool } = this.#options;
    const previous = this.records.filter((record) => this.isPreviousWarm(record)).map(({ previous }) => previous ?? '');
    for (const id of previous) {
      const ready = loader.find(id);
      if (ready !== undefined) loader.serve(ready);
    }
    // A model that shall be in service and is not yet is loaded only once, although it waits for its canary.
    const chosen = this.records.flatMap(({ model, canary }) => [model, canary?.model ?? '']);
    const needed = new Set([
      ...configured,
      ...models.targets,
      ...previous,
      ...chosen,
      ...this.#held,
      ...this.#loads.keys(),
    ]);
    for (const id of loader.readyIds) if (!needed.has(id)) loader.release(id);
    for (const model of models.all) pool.register(model, { isPinned: models.targets.has(model.id) });
  }

  /** Loads the models that rollbacks would bring back, where there is room for them: this service may have joined after they were active. */
  async warmPrevious(): Promise<void> {
    const { loader, log } = this.#options;
    for (const record of this.records) {
      const { previous, revision } = record;
      if (previous === null || !this.isPreviousWarm(record) || this.#warmedRevisions.has(revision)) continue;
      this.#warmedRevisions.add(revision);
      if (loader.find(previous) !== undefined) continue;
      using _ = this.hold(previous);
      await loader
        .loadIfRoom(previous)
        .catch((err: unknown) => log.info({ err, model: previous }, `${previous} is not loaded for a rollback`));
    }
  }

  /** Whether a rollback would find its model loaded. */
  isPreviousWarm({ previous, activatedTime }: AliasRecord): boolean {
    return previous !== null && performance.now() < activatedTime + this.#options.rollbackMs;
  }
}
