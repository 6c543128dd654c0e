import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { ServedModels } from '../../embedding/served-models.ts';
import { PanelvecError } from '../../errors.ts';
import { type FileLock, tryLockFile } from '../../files/file-lock.ts';
import { parse } from '../../http/validation.ts';
import { type EvaluateRequest, evaluateSpecSchema } from '../../jobs/evaluate/evaluate-spec.ts';
import { evaluationPaths } from '../../jobs/evaluate/evaluation-paths.ts';
import { resolveEvaluate } from '../../jobs/evaluate/resolve-evaluate.ts';
import { runJob } from '../../jobs/worker/run-job.ts';
import { openResources } from '../../jobs/worker/worker-resources.ts';
import { type DatasetFlags, datasetFromPath, foldersOfCaller } from '../dataset-from-path.ts';
import { readSpecFile } from '../read-spec-file.ts';
import { createRunView } from '../run-view.ts';
import { waitForStopSignal } from '../stop-signal.ts';

export interface EvaluateFlags extends DatasetFlags {
  readonly output?: string;
  readonly model?: readonly string[];
  readonly baseline?: readonly string[];
  readonly folds?: number;
}

/**
 * Evaluates models and trainings with its own engines, without a service, and prints the table. If it is stopped, the same
 * command goes on where it was.
 */
export async function evaluateCommand(config: Config, target: string, flags: EvaluateFlags): Promise<void> {
  const request = await readRequest(config, target, flags);
  const dataRoots = foldersOfCaller(config.dataRoots, target);
  const models = await ServedModels.load(modelNames(config, request), config.home);
  const spec = await resolveEvaluate(request, {
    home: config.home,
    dataRoots,
    getModel: (name) => models.find(name).model,
  });
  const lock = await lockOutput(config.home, spec.output);
  const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));
  const stop = new AbortController();
  void waitForStopSignal().then((signal) => stop.abort(new PanelvecError('shutting_down', `stopped by ${signal}`)));
  const resources = await openResources({ ...config, dataRoots }, undefined, log);
  const view = createRunView();
  try {
    const onProgress = view.show;
    await runJob(spec, { resources, signal: stop.signal, log, onProgress });
  } finally {
    view.stop();
    await resources.close();
    lock.release();
  }
  const { result, report, table } = evaluationPaths(config.home, spec.output);
  process.stdout.write(`${await readFile(table, 'utf8')}\n${result}\n${report}\n`);
}

/**
 * Locks an evaluation for this process: two would remove each other's files. The queue does this for jobs of a service.
 * @throws PanelvecError output_conflict while another command writes to it
 */
async function lockOutput(home: string, output: string): Promise<FileLock> {
  const { folder } = evaluationPaths(home, output);
  await mkdir(path.dirname(folder), { recursive: true });
  // Beside the folder, which may be emptied.
  const lock = tryLockFile(path.join(path.dirname(folder), `.${output}.lock`));
  if (lock !== undefined) return lock;
  throw new PanelvecError('output_conflict', `another command writes to "${output}" now`, { param: 'output' });
}

async function readRequest({ models }: Config, target: string, flags: EvaluateFlags): Promise<EvaluateRequest> {
  const isFile = (await stat(target).catch(() => undefined))?.isFile() ?? false;
  const isSpec = isFile && target.endsWith('.json');
  const fields = isSpec
    ? await readSpecFile(target)
    : { dataset: datasetFromPath(target, flags), models: flags.model ?? models.slice(0, 1) };
  return parse(evaluateSpecSchema, {
    type: 'evaluate',
    ...fields,
    ...(flags.output !== undefined && { output: flags.output }),
    ...(flags.model !== undefined && { models: flags.model }),
    ...(flags.baseline !== undefined && { baselines: flags.baseline }),
    ...(flags.folds !== undefined && { folds: flags.folds }),
  });
}

/** The models that a request names, and those of the configuration, of which the first is the default. */
function modelNames({ models }: Config, request: EvaluateRequest): string[] {
  const bases = request.trainings.map(({ model }) => model.base);
  const named = [...request.models, ...bases, request.baseline_model].filter((name) => name !== null);
  const withoutVersion = named.map((name) => name.replace(/@\d+$/, ''));
  return [...new Set([...models, ...withoutVersion])];
}
