import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PanelvecError } from '../../errors.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import type { Resources } from '../job-kind.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { type EvaluationPartRecord, readPartRecord } from './evaluation-part-record.ts';
import type { EvaluationPaths } from './evaluation-paths.ts';

/** What the files of an evaluation depend on beside its spec. A job with the same spec goes on with them if it is equal. */
export interface BegunEvaluation {
  /** Hashes of the indexes */
  readonly pages: readonly string[];
  /** Hashes of the states of the files that they are read from */
  readonly files: readonly string[];
  /** The spaces of all models, by id */
  readonly spaces: Readonly<Record<string, string>>;
  /** The keys of the encoders, which name files */
  readonly encoders: readonly string[];
}

interface BegunFile extends BegunEvaluation {
  readonly job_id: string;
  /** The time of the result, so that it is the same however often the job is interrupted */
  readonly created_at: string;
}

/** Makes the folder of the evaluation, which is emptied where it belongs to another spec. */
export async function prepareEvaluationFolder(paths: EvaluationPaths, spec: EvaluateSpec): Promise<void> {
  const text = `${JSON.stringify(spec, undefined, 2)}\n`;
  const previousText = await readFile(paths.spec, 'utf8').catch(() => undefined);
  if (previousText !== text) await rm(paths.folder, { recursive: true, force: true });
  await mkdir(paths.work.scratch, { recursive: true });
  if (!existsSync(paths.spec)) await writeFileAtomic(paths.spec, text, paths.work.scratch);
}

/**
 * Removes what an earlier job left, unless it was begun with the same pages and models and could read all of its pages: one that
 * could not be read then may be readable now. Does nothing where this job has begun before.
 */
export async function beginEvaluation({ work }: EvaluationPaths, jobId: string, begun: BegunEvaluation): Promise<void> {
  const previous = await readBegun(work.begun);
  const { pages, files, spaces, encoders } = previous ?? {};
  const isSame = previous !== undefined && isDeepStrictEqual({ pages, files, spaces, encoders }, begun);
  if (isSame && (previous.job_id === jobId || (await isWithoutBadPages(work)))) return;
  for (const folder of [work.parts, work.folds]) await rm(folder, { recursive: true, force: true });
  const file: BegunFile = { job_id: jobId, ...begun, created_at: new Date().toISOString() };
  await writeFileAtomic(work.begun, JSON.stringify(file), work.scratch);
}

async function isWithoutBadPages(work: EvaluationPaths['work']): Promise<boolean> {
  const names = await readdir(work.parts).catch(() => []);
  const records = names.filter((name) => name.endsWith('.json')).map((name) => path.join(work.parts, name));
  const hasBadPage = ({ pages }: EvaluationPartRecord) => pages.some(({ problem }) => problem !== null);
  for (const record of records) if (hasBadPage(await readPartRecord(record))) return false;
  return true;
}

/** The spaces of the models of a spec, by id. */
export async function loadSpaces(spec: EvaluateSpec, { loadModel }: Resources): Promise<Record<string, string>> {
  const ids = new Set([...spec.models, ...spec.trainings.map(({ model }) => model.base)]);
  if (spec.baseline_model !== null) ids.add(spec.baseline_model);
  const entries = [...ids].sort().map(async (id) => [id, (await loadModel(id)).model.space] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Makes sure that a model has not been replaced since the job has begun, and returns with what that was.
 * @throws PanelvecError output_conflict
 */
export async function assertSameSpaces(
  { work }: EvaluationPaths,
  spec: EvaluateSpec,
  resources: Resources,
): Promise<BegunFile> {
  const begun = await readBegun(work.begun);
  const spaces = await loadSpaces(spec, resources);
  const changed = Object.entries(spaces).find(([id, space]) => begun?.spaces[id] !== space);
  if (changed === undefined && begun !== undefined) return begun;
  const [id, space] = changed ?? ['a model', 'another space'];
  const message = `the evaluation was begun with another space of ${id}, which now has ${space}: submit it again, it starts anew`;
  throw new PanelvecError('output_conflict', message, { param: 'output' });
}

async function readBegun(file: string): Promise<BegunFile | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
