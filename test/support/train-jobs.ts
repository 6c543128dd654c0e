import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createParser } from 'eventsource-parser';
import type { JobResponse } from '../../src/http/routes/jobs/job-schemas.ts';
import { type HistoryRecord, parseRecord } from '../../src/training/history/history-record.ts';
import { findChildPids, type JobService } from './job-service-process.ts';
import type { Corpus } from './make-corpus.ts';

/** Makes the spec of a short training in small batches, which writes a line of history for each step. */
export function trainSpec(
  { dataset }: Pick<Corpus, 'dataset'>,
  output: string,
  { dataset: datasetOptions = {}, training = {}, ...rest }: Record<string, object | number | string> = {},
) {
  return {
    type: 'train',
    output,
    dataset: { ...dataset, val_fraction: 0.2, ...(datasetOptions as object) },
    training: { epochs: 2, batch_size: 4, log_interval: 1, ...(training as object) },
    ...rest,
  };
}

export const modelFolder = (home: string, output: string) => path.join(home, 'models', output);
export const trainingFolder = (home: string, output: string) => path.join(home, 'trainings', output);

/** Finds files of an output below the home, unfinished ones too. */
export function findOutputFiles(home: string, output: string): string[] {
  return ['models', 'trainings'].flatMap((folder) => {
    try {
      const names = readdirSync(path.join(home, folder)).filter((name) => name.includes(output));
      return names.map((name) => path.join(folder, name));
    } catch {
      return [];
    }
  });
}

/** Finds the training processes of a service. */
export function findTrainerPids(service: JobService): number[] {
  return service.pids('panelvec-worker').flatMap((worker) => findChildPids(worker, 'trainer'));
}

export function readHistory(home: string, output: string): HistoryRecord[] {
  const text = readFileSync(path.join(trainingFolder(home, output), 'history.jsonl'), 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => parseRecord(line)!);
}

/** Step of the last checkpoint; 0 if there is none yet. */
export function lastCheckpointStep(home: string, output: string): number {
  try {
    const names = readdirSync(path.join(trainingFolder(home, output), 'checkpoints'));
    return Math.max(0, ...names.map((name) => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? 0)));
  } catch {
    return 0;
  }
}

/** A start or restart of a training, which replaces the history by a new file, cut to the step that it continues from. */
export interface TrainingStart {
  /** Identity of the new file. The inode number alone is not enough, because numbers are used again. */
  readonly file: string;
  /** Last step of the history when it was read */
  readonly step: number;
}

/** Last start of a training, if it is not the previous one. */
export function findNewStart(
  home: string,
  output: string,
  previousFile: string | undefined,
): TrainingStart | undefined {
  const history = path.join(trainingFolder(home, output), 'history.jsonl');
  const stats = statSync(history, { throwIfNoEntry: false, bigint: true });
  const file = stats && `${stats.ino} of ${stats.birthtimeNs}`;
  if (file === undefined || file === previousFile) return undefined;
  return { file, step: readHistory(home, output).at(-1)?.step ?? 0 };
}

/** Reads the events of a job until it has ended. */
export async function readJobEvents(address: string, id: string): Promise<JobResponse[]> {
  const events: JobResponse[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(JSON.parse(data)) });
  const response = await fetch(`${address}/v1/jobs/${id}/events`);
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) parser.feed(decoder.decode(chunk, { stream: true }));
  return events;
}
