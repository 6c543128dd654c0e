import { rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { trainingPaths } from '../../training/training-plan.ts';
import type { PageIndexFiles } from '../pages/page-index-file.ts';

/** Names of the artefacts. */
export const HISTORY = 'history.jsonl';
export const HISTORY_CSV = 'history.csv';
export const TRAINING_REPORT = 'report.html';
export const SUMMARY = 'summary.json';

/** Paths of a train job's files. The folder `work` is removed when the model is built. */
export interface TrainingJobPaths {
  readonly folder: string;
  /** The spec that the folder belongs to: a training with another spec starts with an empty folder */
  readonly spec: string;
  readonly history: string;
  readonly historyCsv: string;
  readonly report: string;
  readonly summary: string;
  /** The id of the run at the MLflow server */
  readonly tracking: string;
  readonly work: {
    readonly folder: string;
    readonly scratch: string;
    readonly training: PageIndexFiles;
    readonly validation: PageIndexFiles;
    /** The job that wrote the parts last, and the hashes of its page indexes */
    readonly partsManifest: string;
    /** The file of a part */
    part(part: number): string;
    /** The pages of a part that could not be read */
    partProblems(part: number): string;
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
      partProblems: (part) => path.join(work, 'parts', `${part}-problems.json`),
    },
  };
}

/** Removes the files of a training whose dataset is invalid. After other errors the training can be resumed. */
export async function removeInvalidTraining({ folder }: TrainingJobPaths, error: unknown): Promise<void> {
  if (error instanceof PanelvecError && error.code === 'dataset_invalid') {
    await rm(folder, { recursive: true, force: true });
  }
}
