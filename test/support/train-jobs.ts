import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createParser } from 'eventsource-parser';
import type { JobAnswer } from '../../src/http/jobs/job-schemas.ts';
import { type HistoryRecord, parseRecord } from '../../src/training/history/record.ts';
import type { Corpus } from './corpus.ts';
import { childrenOf, type JobService } from './job-service.ts';

/** A short training of small batches, with as many lines of history as there are steps. */
export function trainSpec(
  { dataset }: Pick<Corpus, 'dataset'>,
  output: string,
  { dataset: pages = {}, training = {}, ...more }: Record<string, object | number | string> = {},
) {
  return {
    type: 'train',
    output,
    dataset: { ...dataset, val_fraction: 0.2, ...(pages as object) },
    training: { epochs: 2, batch_size: 4, log_interval: 1, ...(training as object) },
    ...more,
  };
}

export const modelFolder = (home: string, output: string) => path.join(home, 'models', output);
export const trainingFolder = (home: string, output: string) => path.join(home, 'trainings', output);

/** What is left of an output anywhere below the home, also of what was only begun. */
export function tracesOf(home: string, output: string): string[] {
  return ['models', 'trainings'].flatMap((folder) => {
    try {
      const names = readdirSync(path.join(home, folder)).filter((name) => name.includes(output));
      return names.map((name) => path.join(folder, name));
    } catch {
      return [];
    }
  });
}

export async function readJson(...file: string[]) {
  return JSON.parse(await readFile(path.join(...file), 'utf8'));
}

/** The processes that train for a service. */
export function trainers(service: JobService): number[] {
  return service.pids('panelvec-worker').flatMap((worker) => childrenOf(worker, 'trainer'));
}

export function recordsOf(home: string, output: string): HistoryRecord[] {
  const text = readFileSync(path.join(trainingFolder(home, output), 'history.jsonl'), 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => parseRecord(line)!);
}

/** The step of the last checkpoint; 0 before there is one. */
export function lastCheckpoint(home: string, output: string): number {
  try {
    const names = readdirSync(path.join(trainingFolder(home, output), 'checkpoints'));
    return Math.max(0, ...names.map((name) => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? 0)));
  } catch {
    return 0;
  }
}

/** A training that has just begun, or gone on: every time, its history becomes a new file, cut to where it goes on from. */
export interface Beginning {
  /** Of the file: its number alone would not do, as numbers are used again */
  readonly file: string;
  /** The last step of the history as it was seen */
  readonly step: number;
}

/** The last beginning, if it is another than the one before. */
export function beginningAfter(home: string, output: string, before: string | undefined): Beginning | undefined {
  const history = path.join(trainingFolder(home, output), 'history.jsonl');
  const found = statSync(history, { throwIfNoEntry: false, bigint: true });
  const file = found && `${found.ino} of ${found.birthtimeNs}`;
  if (file === undefined || file === before) return undefined;
  return { file, step: recordsOf(home, output).at(-1)?.step ?? 0 };
}

/** All that the events of a job tell, until it has ended. */
export async function watchJob(address: string, id: string): Promise<JobAnswer[]> {
  const told: JobAnswer[] = [];
  const parser = createParser({ onEvent: ({ data }) => told.push(JSON.parse(data)) });
  const answer = await fetch(`${address}/v1/jobs/${id}/events`);
  const decoder = new TextDecoder();
  for await (const chunk of answer.body!) parser.feed(decoder.decode(chunk, { stream: true }));
  return told;
}
