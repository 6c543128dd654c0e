import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { isTransientError } from '../database/database.ts';
import type { ServiceDatabase } from '../database/service-database.ts';
import { firstLine, PanelvecError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import { modelRoots } from '../model/model-folders.ts';
import type { JsonObject } from '../util/json.ts';
import { withinTime } from '../util/within-time.ts';
import { assertNoWorse, type EvaluationRequirement, type MeasuredModel } from './evaluation-gate.ts';
import {
  type EvaluationSource,
  insertMeasures,
  listEvaluations,
  listMeasures,
  type ModelMeasures,
} from './model-measures.ts';
import {
  insertGolden,
  insertModel,
  listModelRecords,
  type ModelRecord,
  replaceModel,
  updateProblem,
} from './model-records.ts';
import type { RegisteredModel } from './registered-model.ts';
import { type ScannedModel, scanModelFolders, type UnreadableFolder } from './scan-model-folders.ts';

const SYNCHRONIZE_INTERVAL_MS = 30_000;
/** Who asks for the list does not wait longer for a database that is away. */
const REFRESH_TIMEOUT_MS = 2000;

export interface RegistrySettings extends Pick<Config, 'home' | 'models'> {
  readonly database: ServiceDatabase;
  readonly evaluations: EvaluationSource;
}

interface Snapshot {
  readonly models: ReadonlyMap<string, RegisteredModel>;
  readonly scanned: ReadonlyMap<string, ScannedModel>;
  readonly unreadable: readonly UnreadableFolder[];
  readonly measures: ReadonlyMap<string, readonly ModelMeasures[]>;
}

/**
 * Every model version that the folders of this machine or the database have, and what evaluations measured of them. Empty where
 * the service has no database.
 */
export class ModelRegistry {
  readonly #settings: RegistrySettings;
  readonly #log: Logger;
  #snapshot: Snapshot = { models: new Map(), scanned: new Map(), unreadable: [], measures: new Map() };
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
    const unreadable = [...scan.unreadable];
    await this.#use(async (database) => {
      const known = new Map((await listModelRecords(database)).map((record) => [record.id, record]));
      for (const scanned of scan.models.values()) {
        const problem = await enterModel(database, known.get(scanned.id), scanned);
        if (problem !== undefined) unreadable.push({ folder: scanned.folder, problem });
      }
      const entered = await listEvaluations(database);
      for (const evaluation of await evaluations.list(entered)) await insertMeasures(database, evaluation);
      const models = new Map<string, RegisteredModel>();
      for (const record of await listModelRecords(database)) {
        const model = toRegistered(record, scan.models.get(record.id));
        if (model !== undefined) models.set(record.id, model);
      }
      const measures = await listMeasures(database);
      this.#snapshot = { models, scanned: scan.models, unreadable, measures };
    });
  }
}

/** Returns why the model cannot be entered. @throws errors of a database that is away */
async function enterModel(
  database: Database,
  record: ModelRecord | undefined,
  scanned: ScannedModel,
): Promise<string | undefined> {
  try {
    if (record === undefined) await insertModel(database, scanned);
    else if (isReplacement(record, scanned)) await replaceModel(database, scanned);
    return undefined;
  } catch (error) {
    if (isTransientError(error)) throw error;
    return `it cannot be entered: ${firstLine(error)}`;
  }
}

/**
 * Whether a folder takes the place of what its id meant: it came after that was removed, it came with another version of panelvec, or
 * this version computes other vectors with the same files.
 */
function isReplacement({ retiredAt, specSha256, space }: ModelRecord, scanned: ScannedModel): boolean {
  if (retiredAt !== null) return scanned.arrivedAt > retiredAt;
  if (specSha256 === scanned.specSha256) return space !== scanned.space;
  return scanned.isBundled;
}

/** Undefined where this version of panelvec cannot read the record. */
function toRegistered(record: ModelRecord, scanned: ScannedModel | undefined): RegisteredModel | undefined {
  const { problem: _, problemState: __, spec: storedSpec, ...rest } = record;
  const isSame = scanned?.specSha256 === record.specSha256;
  const spec = isSame ? scanned.spec : storedSpec;
  if (spec === undefined) return undefined;
  const isGone = record.retiredAt !== null;
  return {
    ...rest,
    spec,
    model: isSame && !isGone ? scanned.model : undefined,
    problem: isGone ? null : findProblem(record, scanned),
  };
}

function findProblem(record: ModelRecord, scanned: ScannedModel | undefined): string | null {
  if (scanned === undefined) return `its folder, ${record.folder}, has vanished`;
  if (scanned.specSha256 !== record.specSha256) {
    return `its files changed: model.json in ${scanned.folder} is not the one that was entered. Give it another version, or remove the model first`;
  }
  if (scanned.problem !== null) return `its files changed: ${scanned.problem}`;
  return record.problemState === scanned.filesState ? record.problem : null;
}
