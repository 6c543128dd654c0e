import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { ServiceDatabase } from '../database/service-database.ts';
import type { Queryable } from '../database/transaction.ts';
import { firstLine, PanelvecError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import { modelRoots } from '../model/model-folders.ts';
import type { JsonObject } from '../util/json.ts';
import { withinTime } from '../util/within-time.ts';
import { assertNoWorse, type EvaluationRequirement, type MeasuredModel } from './evaluation-gate.ts';
import type { EvaluationSource, ModelMeasures } from './model-measures.ts';
import { insertGolden, setRetired, updateProblem } from './model-records.ts';
import type { RegisteredModel } from './registered-model.ts';
import { removeModelFolder } from './remove-model-folder.ts';
import { scanModelFolders, type UnreadableFolder } from './scan-model-folders.ts';
import { type RegistrySnapshot, synchronizeRecords } from './synchronize-records.ts';

const SYNCHRONIZE_INTERVAL_MS = 30_000;
/** Who asks for the list does not wait longer for a database that is away. */
const REFRESH_TIMEOUT_MS = 2000;

export interface RegistrySettings extends Pick<Config, 'home' | 'models'> {
  readonly database: ServiceDatabase;
  readonly evaluations: EvaluationSource;
}

/**
 * Every model version that the folders of this machine or the database have, and what evaluations measured of them. Empty where
 * the service has no database.
 */
export class ModelRegistry {
  readonly #settings: RegistrySettings;
  readonly #log: Logger;
  #snapshot: RegistrySnapshot = { models: new Map(), scanned: new Map(), unreadable: [], measures: new Map() };
  #last: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: RegistrySettings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
  }

  get isEnabled(): boolean {
    return this.#settings.database.isEnabled;
  }

  /** The database must have started. */
  async start(): Promise<void> {
    if (!this.isEnabled) return;
    await this.synchronize();
    const refresh = () =>
      this.synchronize().catch((err: unknown) => this.#log.warn({ err }, 'the model registry is not up to date'));
    this.#timer = setInterval(refresh, SYNCHRONIZE_INTERVAL_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#last.catch(() => {});
  }

  /**
   * Enters new folders and new evaluations, and notes which models have changed or vanished. What it finds is at least as new as the
   * call. If it fails, the last list stays in force.
   * @throws PanelvecError database_off, database_unavailable
   */
  synchronize(): Promise<void> {
    if (this.#waiting !== undefined) return this.#waiting;
    const waiting = this.#last
      .catch(() => {})
      .then(() => {
        this.#waiting = undefined;
        return this.#synchronize();
      });
    this.#waiting = waiting;
    this.#last = waiting;
    return waiting;
  }

  /** Synchronizes as far as that is possible in a short time. Never rejects. */
  async refresh(): Promise<void> {
    if (!this.isEnabled) return;
    await withinTime(this.synchronize(), REFRESH_TIMEOUT_MS).catch((err: unknown) =>
      this.#log.warn({ err }, 'the model registry is not up to date'),
    );
  }

  /** All models in the order in which they were entered, the retired ones too. */
  list(): RegisteredModel[] {
    return [...this.#snapshot.models.values()];
  }

  /** Folders in which there is no model that could be entered, with the reason. */
  get unreadable(): readonly UnreadableFolder[] {
    return this.#snapshot.unreadable;
  }

  /** Finds a model by its id, or by its name, then the version that was entered first. */
  find(name: string): RegisteredModel | undefined {
    const { models } = this.#snapshot;
    return models.get(name) ?? this.list().find(({ spec, retiredAt }) => spec.name === name && retiredAt === null);
  }

  /** @throws PanelvecError model_not_found */
  get(name: string): RegisteredModel {
    const found = this.find(name);
    if (found !== undefined) return found;
    throw new PanelvecError('model_not_found', `there is no model "${name}"`, { param: 'model' });
  }

  /** The folder of a model that can be loaded, as it is now. @throws PanelvecError model_not_found; ModelError where it is broken or retired */
  async readModel(id: string): Promise<Model> {
    await this.synchronize();
    const { model, problem, retiredAt, id: foundId } = this.get(id);
    if (retiredAt !== null) throw new ModelError(`${foundId} was removed at ${retiredAt.toISOString()}`);
    if (model === undefined || problem !== null) throw new ModelError(`${foundId} is broken: ${problem}`);
    return model;
  }

  /** What evaluations measured of a model, the newest first. */
  findMeasures(id: string): readonly ModelMeasures[] {
    return this.#snapshot.measures.get(id) ?? [];
  }

  /**
   * Refuses a candidate that an evaluation finds worse than another model, see `assertNoWorse`.
   * @param active the model that `active` means; undefined where there is none
   * @throws PanelvecError evaluation_worse, evaluation_mismatch, model_not_found
   */
  async evaluationGate(
    candidate: string,
    active: string | undefined,
    requirement: EvaluationRequirement,
  ): Promise<void> {
    await this.synchronize();
    const { noWorseThan } = requirement;
    const other = noWorseThan === 'active' ? active : noWorseThan;
    if (other === undefined) {
      const message = 'there is no active model to compare with: name one in no_worse_than';
      throw new PanelvecError('evaluation_mismatch', message, { param: 'require.no_worse_than' });
    }
    assertNoWorse(this.#measured(candidate), this.#measured(other), requirement);
  }

  /** Keeps golden inputs of a model with their vectors, unless another service was first. Returns those that are kept. */
  async setGolden(id: string, golden: JsonObject): Promise<JsonObject> {
    const kept = await this.#use((database) => insertGolden(database, id, golden));
    this.#update(id, { golden: kept });
    return kept;
  }

  /**
   * Notes why a model cannot be used, which only a comparison of its files with their hashes or a load has shown. It counts until any
   * of its files is replaced.
   */
  async setProblem(id: string, problem: string): Promise<void> {
    const scanned = this.#snapshot.scanned.get(id);
    if (scanned === undefined) return;
    this.#update(id, { problem });
    await this.#use((database) => updateProblem(database, id, problem, scanned.filesState));
  }

  /**
   * Removes the folder of a model, and keeps its record as retired.
   * @param assertUnused throws where the model is in use; in one transaction with the removal
   */
  async remove(id: string, assertUnused: (queries: Queryable) => Promise<void>): Promise<RegisteredModel> {
    const folder = this.#snapshot.scanned.get(this.get(id).id)?.model.folder;
    await this.#use((database) =>
      database.transaction(async (queries) => {
        await assertUnused(queries);
        await setRetired(queries, id, true);
      }),
    );
    try {
      if (folder !== undefined) await removeModelFolder(folder);
    } catch (cause) {
      await this.#use((database) => setRetired(database, id, false));
      throw new PanelvecError('storage_failed', `${folder} cannot be removed: ${firstLine(cause)}`, { cause });
    }
    await this.synchronize();
    return this.get(id);
  }

  #measured(name: string): MeasuredModel {
    const { id } = this.get(name);
    return { id, measures: this.findMeasures(id) };
  }

  #use<T>(operation: (database: Database) => Promise<T>): Promise<T> {
    return this.#settings.database.use(operation);
  }

  #update(id: string, changes: Partial<RegisteredModel>): void {
    const known = this.#snapshot.models.get(id);
    if (known === undefined) return;
    this.#snapshot = { ...this.#snapshot, models: new Map(this.#snapshot.models).set(id, { ...known, ...changes }) };
  }

  async #synchronize(): Promise<void> {
    const { home, models: names, evaluations } = this.#settings;
    const paths = names.filter((name) => /[/\\]/.test(name));
    const scan = await scanModelFolders(modelRoots(home), paths);
    await this.#use(async (database) => {
      this.#snapshot = await synchronizeRecords(database, scan, evaluations);
    });
  }
}
