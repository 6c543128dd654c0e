import { type Database, isTransientError } from '../database/database.ts';
import { firstLine } from '../errors.ts';
import {
  type EvaluationSource,
  insertMeasures,
  listEvaluations,
  listMeasures,
  type ModelMeasures,
} from './model-measures.ts';
import { insertModel, listModelRecords, type ModelRecord, replaceModel } from './model-records.ts';
import type { RegisteredModel } from './registered-model.ts';
import type { ModelScan, ScannedModel, UnreadableFolder } from './scan-model-folders.ts';

/** What is registered, joined with the folders of this machine. */
export interface RegistrySnapshot {
  readonly models: ReadonlyMap<string, RegisteredModel>;
  readonly scanned: ModelScan['models'];
  readonly unreadable: readonly UnreadableFolder[];
  /** By the id of the model */
  readonly measures: ReadonlyMap<string, readonly ModelMeasures[]>;
}

/** Enters the models and evaluations that the database lacks, and reads all that it has. */
export async function synchronizeRecords(
  database: Database,
  scan: ModelScan,
  evaluations: EvaluationSource,
): Promise<RegistrySnapshot> {
  const unreadable = [...scan.unreadable];
  const known = new Map((await listModelRecords(database)).map((record) => [record.id, record]));
  for (const scanned of scan.models.values()) {
    const problem = await enterModel(database, known.get(scanned.id), scanned);
    if (problem !== undefined) unreadable.push({ folder: scanned.folder, problem });
  }
  const entered = await listEvaluations(database);
  for (const evaluation of await evaluations.list(entered)) await insertMeasures(database, evaluation);
  const models = new Map<string, RegisteredModel>();
  for (const record of await listModelRecords(database)) {
    const scanned = scan.models.get(record.id);
    const model = toRegistered(record, scanned);
    if (model !== undefined) models.set(record.id, model);
    const { retiredAt, id } = record;
    if (retiredAt === null || scanned === undefined) continue;
    const problem = `${id} was removed at ${retiredAt.toISOString()}, and this folder is older`;
    unreadable.push({ folder: scanned.folder, problem });
  }
  return { models, scanned: scan.models, unreadable, measures: await listMeasures(database) };
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
  return { ...rest, spec, model: scanned?.model, problem: findProblem(record, scanned) };
}

function findProblem(record: ModelRecord, scanned: ScannedModel | undefined): string | null {
  if (record.retiredAt !== null) return null;
  if (scanned === undefined) return `its folder, ${record.folder}, has vanished`;
  if (scanned.specSha256 !== record.specSha256) {
    return `its files changed: model.json in ${scanned.folder} is not the one that was entered. Give it another version, or remove the model first`;
  }
  if (scanned.problem !== null) return `its files changed: ${scanned.problem}`;
  return record.problemState === scanned.filesState ? record.problem : null;
}
