import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type GoldenResult, measureGolden } from '../embedding/golden/golden-check.ts';
import type { GoldenPanel } from '../embedding/golden/golden-panels.ts';
import type { ServedModel } from '../embedding/served-model.ts';
import type { ServedModels } from '../embedding/served-models.ts';
import { firstLine, PanelvecError } from '../errors.ts';
import { describeEngine, type EngineId, isSameEngine, toEngineId } from '../inference/engine-types.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { ModelRegistry } from '../model-registry/model-registry.ts';
import { computeFirstPanels, findGoldenPanels } from './golden-gate.ts';

/** While something is wrong, checks come faster: an engine that was replaced is to be ready soon. */
const RECHECK_MS = 1000;
/** Nothing is wrong with the model where these arise: it leaves, an engine is being replaced, or the service stops. */
const PASSING_CODES: ReadonlySet<string> = new Set(['engine_unavailable', 'model_unavailable', 'shutting_down']);

/** How near an engine of a model comes to its golden vectors. */
export interface EngineCosine extends EngineId {
  readonly model: string;
  readonly cosine: number;
}

interface EngineHealth extends EngineCosine {
  readonly problem: string | null;
  /** When the engine was ended for its problem, by `performance.now`; undefined where it was not */
  readonly restartedAt: number | undefined;
}

export interface DriftServices {
  readonly pool: ModelPools;
  readonly models: ServedModels;
  readonly config: { readonly driftCheckSeconds: number };
  readonly registry: Pick<ModelRegistry, 'find'>;
}

/**
 * Has every engine compute golden panels from time to time. One that gives other vectors than before, for its memory is damaged or
 * its device fails, is a problem of the service until another has taken its place and passed.
 */
export class DriftMonitor {
  readonly #services: DriftServices;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  /** By the model as it was opened: another may come with the same id, after that one was removed */
  readonly #golden = new WeakMap<ServedModel, readonly GoldenPanel[]>();
  #health: readonly EngineHealth[] = [];
  #checking: Promise<void> = Promise.resolve();

  constructor(services: DriftServices, log: Logger) {
    this.#services = services;
    this.#log = log;
  }

  /** The first check comes at once. */
  start(): void {
    this.#checking = this.#checkForever();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#checking;
  }

  /** Engines that do not compute their models, in sentences; empty if all is well. */
  get problems(): readonly string[] {
    return this.#health.flatMap((engine) =>
      engine.problem === null ? [] : [`${describeEngine(engine)} of model ${engine.model}: ${engine.problem}`],
    );
  }

  /** Of the last check; -1 where the numbers of an engine were not finite, or could not be computed */
  get cosines(): readonly EngineCosine[] {
    return this.#health;
  }

  async #checkForever(): Promise<void> {
    const { signal } = this.#stopping;
    const intervalMs = this.#services.config.driftCheckSeconds * 1000;
    while (!signal.aborted) {
      await this.#checkAll();
      const delayMs = this.problems.length > 0 ? Math.min(RECHECK_MS, intervalMs) : intervalMs;
      await delay(delayMs, undefined, { signal }).catch(() => {});
    }
  }

  async #checkAll(): Promise<void> {
    const { pool, models } = this.#services;
    const served = models.all.filter(({ id }) => pool.isLoaded(id)).map(({ id }) => models.find(id));
    const health: EngineHealth[] = [];
    for (const model of served) health.push(...(await this.#check(model)));
    this.#health = health;
  }

  async #check(served: ServedModel): Promise<readonly EngineHealth[]> {
    const { id } = served.model;
    const before = this.#health.filter(({ model }) => model === id);
    try {
      const results = await this.#measure(served);
      return results.map((result) =>
        this.#judge(
          id,
          result,
          before.find((engine) => isSameEngine(engine, result)),
        ),
      );
    } catch (error) {
      if (error instanceof PanelvecError && PASSING_CODES.has(error.code)) return before;
      this.#log.error({ err: error, model: id }, 'the golden panels of a model cannot be computed');
      const problem = `its golden panels cannot be computed: ${firstLine(error)}`;
      const engines = this.#services.pool.engines.filter((engine) => engine.model === id);
      return engines.map((engine) => ({
        model: id,
        ...toEngineId(engine),
        cosine: -1,
        problem,
        restartedAt: undefined,
      }));
    }
  }

  async #measure(served: ServedModel): Promise<readonly GoldenResult[]> {
    const { pool, registry } = this.#services;
    const known = this.#golden.get(served) ?? (await findGoldenPanels(registry, served));
    if (known.length > 0) {
      this.#golden.set(served, known);
      return measureGolden(pool, served, known);
    }
    const golden = await computeFirstPanels(pool, served);
    const results = await measureGolden(pool, served, golden);
    if (results.every(({ problem }) => problem === null)) this.#golden.set(served, golden);
    return results;
  }

  #judge(model: string, result: GoldenResult, before: EngineHealth | undefined): EngineHealth {
    const { cosine, problem } = result;
    const engine = toEngineId(result);
    if (problem === null) {
      if (before?.problem) this.#log.info({ model, ...engine }, 'the engine computes its model again');
      return { model, ...engine, cosine, problem, restartedAt: undefined };
    }
    // Where a new engine computes the same, its files are to blame: to end it again and again would take the rest of the service down.
    const intervalMs = this.#services.config.driftCheckSeconds * 1000;
    const { restartedAt } = before ?? {};
    const isRecent = restartedAt !== undefined && performance.now() - restartedAt < intervalMs;
    if (isRecent) return { model, ...engine, cosine, problem, restartedAt };
    this.#log.error({ model, ...engine, cosine }, `the engine is replaced: ${problem}`);
    this.#services.pool.restartEngine(model, engine);
    return { model, ...engine, cosine, problem, restartedAt: performance.now() };
  }
}
