import { rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { trainingPaths } from '../../training/training-plan.ts';
import type { PageIndexFiles } from '../pages/page-index.ts';

/** Names of files that a caller can ask for. */
export const HISTORY = 'history.jsonl';
export const HISTORY_CSV = 'history.csv';
export const TRAINING_REPORT = 'report.html';
export const SUMMARY = 'summary.json';

/** Where the files of a training are. What is in `work` goes when the model is there. */
export interface TrainingJobPaths {
  readonly folder: string;
  /** What the folder is of: another training begins with an empty one */
  readonly spec: string;
  readonly history: string;
  readonly historyCsv: string;
  readonly report: string;
  readonly summary: string;
  /** The run at an MLflow server */
  readonly tracking: string;
  readonly work: {
    readonly folder: string;
    readonly scratch: string;
    readonly training: PageIndexFiles;
    readonly validation: PageIndexFiles;
    /** Which job made the parts last, of which pages */
    readonly partsManifest: string;
    /** Files of pages, by part */
    part(part: number): string;
  };
}

export function trainingJobPaths(home: string, output: string): TrainingJobPaths {
  const folder = path.join(home, 'trainings', output);
  const work = path.join(folder, '.work');
  const scratch = path.join(work, 'scratch');
  const index = (name: string): PageIndexFiles => ({
    scratch,
    pages: path.join(work, `${name}-pages.jsonl`),
    offsets: path.join(work, `${name}-offsets.json`),
    skippedPages: path.join(work, `${name}-skipped-pages.jsonl`),
    indexReport: path.join(work, `${name}-index-report.json`),
  });
  return {
    folder,
    spec: path.join(folder, 'spec.json'),
    history: trainingPaths(folder).history,
    historyCsv: path.join(folder, HISTORY_CSV),
    report: path.join(folder, TRAINING_REPORT),
    summary: path.join(folder, SUMMARY),
    tracking: path.join(folder, 'mlflow-run.json'),
    work: {
      folder: work,
      scratch,
      training: index('training'),
      validation: index('validation'),
      partsManifest: path.join(work, 'begun.json'),
      part: (part) => path.join(work, 'parts', `${part}.safetensors`),
    },
  };
}

/** A dataset that cannot be trained on leaves nothing behind. After other errors the training can be gone on with. */
export async function removeInvalidTraining({ folder }: TrainingJobPaths, error: unknown): Promise<void> {
  if (error instanceof PanelvecError && error.code === 'dataset_invalid') {
    await rm(folder, { recursive: true, force: true });
  }
}
