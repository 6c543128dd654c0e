import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { openServedModel, type ServedModel } from '../embedding/served-model.ts';
import type { ServedModels } from '../embedding/served-models.ts';
import { PanelvecError } from '../errors.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { Model } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import type { ModelRegistry } from '../model-registry/model-registry.ts';
import { assertGoldenVectors } from './golden-gate.ts';

interface LoaderOptions {
  readonly pool: ModelPools;
  readonly models: ServedModels;
  readonly registry: ModelRegistry;
  /** Milliseconds after which no request can still be about to use a model that is served no longer */
  readonly graceMs: number;
  readonly log: Logger;
}

/** Loads models beside those that are served, and lets them go. */
export class ModelLoader {
  readonly #options: LoaderOptions;
  /** Loaded and checked, by id */
  readonly #ready = new Map<string, ServedModel>();
  readonly #loading = new Map<string, Promise<ServedModel>>();
  /** Requests may still be about to use these when they are served no longer */
  readonly #served = new Set<string>();
  readonly #leaving = new Map<string, NodeJS.Timeout>();

  /** The models that are served already count as ready. */
  constructor(options: LoaderOptions) {
    this.#options = options;
    for (const { id } of options.models.all) {
      this.#ready.set(id, options.models.find(id));
      this.#served.add(id);
    }
  }

  get readyIds(): readonly string[] {
    return [...this.#ready.keys()];
  }

  /** A model that can be served at once. One that leaves may have been removed meanwhile, and another may have its id. */
  find(id: string): ServedModel | undefined {
    return this.#leaving.has(id) ? undefined : this.#ready.get(id);
  }

  /** Reads a model and compares its files with their hashes. @throws PanelvecError model_not_found, model_invalid */
  async open(id: string): Promise<ServedModel> {
    const { registry, log } = this.#options;
    const model = await registry.readModel(id);
    try {
      return await openServedModel(model);
    } catch (error) {
      // The registry itself reads no weights.
      if (error instanceof ModelError) {
        await registry
          .setProblem(model.id, error.message)
          .catch((err: unknown) => log.warn({ err }, `the registry does not know yet what is wrong with ${model.id}`));
      }
      throw error;
    }
  }

  /** Loads a model, unless it is ready. @throws PanelvecError saying why it cannot be served here */
  load(id: string): Promise<ServedModel> {
    const ready = this.find(id);
    if (ready !== undefined) return Promise.resolve(ready);
    const pending = this.#loading.get(id);
    if (pending !== undefined) return pending;
    const loading = this.open(id)
      .then((served) => this.warm(served))
      .finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  /** Loads a model that was opened, and compares its golden vectors, also if it is ready: its engines may compute otherwise by now. */
  async warm(served: ServedModel): Promise<ServedModel> {
    const { model } = served;
    const { pool, registry } = this.#options;
    await this.#endPredecessor(model);
    const ready = this.#ready.get(model.id);
    this.#stay(model.id);
    try {
      await pool.load(model);
      await assertGoldenVectors(pool, registry, served);
    } catch (error) {
      // What is in service stays there: the caller may only have wanted to give it another alias.
      if (ready === undefined && !this.#ready.has(model.id)) await pool.forget(model.id);
      throw error;
    }
    this.#ready.set(model.id, ready ?? served);
    return ready ?? served;
  }

  /** Lets requests find a model that is ready. */
  serve(served: ServedModel): void {
    const { id } = served.model;
    this.#stay(id);
    this.#served.add(id);
    this.#options.models.add(served);
  }

  /** Loads a model, unless others would have to leave for it. @throws PanelvecError as `load`; model_too_large */
  async loadIfRoom(id: string): Promise<ServedModel> {
    const served = this.find(id) ?? (await this.open(id));
    if (this.#ready.has(id) || (await this.#options.pool.hasRoomFor(served.model))) return this.warm(served);
    throw new PanelvecError('model_too_large', `there is no room for ${id} beside the models that are loaded`);
  }

  /** Lets no request find a model any more, and ends its engines when none can still be about to use them. */
  release(id: string): void {
    if (this.#leaving.has(id) || !this.#ready.has(id)) return;
    const { models, pool, log } = this.#options;
    models.remove(id);
    const model = this.#ready.get(id)?.model;
    if (model !== undefined && this.#served.has(id)) pool.register(model, { isPinned: false });
    const leave = () => {
      this.#leaving.delete(id);
      this.#ready.delete(id);
      this.#served.delete(id);
      pool
        .forget(id)
        .catch((err: unknown) => log.error({ err, model: id }, `the engines of ${id} did not end cleanly`));
    };
    if (this.#served.has(id)) this.#leaving.set(id, setTimeout(leave, this.#options.graceMs).unref());
    else leave();
  }

  stop(): void {
    for (const id of [...this.#leaving.keys()]) this.#stay(id);
  }

  /** Ends the engines of a removed model that had the id of this one: they would compute its panels with other weights. */
  async #endPredecessor({ id, spec, folder }: Model): Promise<void> {
    const predecessor = this.#ready.get(id)?.model;
    if (predecessor === undefined) return;
    const isLeaving = this.#leaving.has(id);
    const isSame = isDeepStrictEqual(predecessor.spec, spec);
    // One that stays may have been read from a copy of the folder.
    if (isSame && (predecessor.folder === folder || !isLeaving)) return;
    if (!isLeaving) throw new ModelError(`another model with the id ${id} is in service here`);
    this.#stay(id);
    this.#ready.delete(id);
    this.#served.delete(id);
    await this.#options.pool.forget(id);
  }

  #stay(id: string): void {
    clearTimeout(this.#leaving.get(id));
    this.#leaving.delete(id);
  }
}
