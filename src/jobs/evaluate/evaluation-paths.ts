import path from 'node:path';
import type { PageIndexFiles } from '../pages/page-index-file.ts';

/** Names of the artefacts. */
export const EVALUATION = 'evaluation.json';
export const EVALUATION_REPORT = 'report.html';
export const EVALUATION_TABLE = 'evaluation.md';

/** Paths of an evaluate job's files. The folder `work` is removed when the evaluation is written. */
export interface EvaluationPaths {
  readonly folder: string;
  /** The spec that the folder belongs to */
  readonly spec: string;
  readonly result: string;
  readonly report: string;
  readonly table: string;
  readonly work: {
    readonly folder: string;
    readonly scratch: string;
    /** The result, before it gets its place as the last of all files */
    readonly result: string;
    /** What the work was begun with, see begun-evaluation.ts */
    readonly begun: string;
    readonly pages: PageIndexFiles;
    readonly testPages: PageIndexFiles;
    readonly parts: string;
    readonly folds: string;
    /** What is known about the pages of a part; it is written last, so a part that has it is finished */
    partRecord(part: number): string;
    /** The folder of the files of a part */
    partFolder(part: number): string;
    /** The features of all views of a part, by the key of the encoders */
    views(part: number, encoders: string): string;
    /** The rows of a book of a part that are trained on */
    trainingRows(part: number, name: string, book: number): string;
    /** The folder of what is trained on a fold */
    training(fold: number, contender: string): string;
    /** The vectors of a contender on the pages of a fold, or on all */
    vectors(fold: number | 'all', contender: string): string;
  };
}

export function evaluationPaths(home: string, output: string): EvaluationPaths {
  const folder = path.join(home, 'evaluations', output);
  const work = path.join(folder, '.work');
  const scratch = path.join(work, 'scratch');
  const index = (name: string): PageIndexFiles => ({
    scratch,
    pages: path.join(work, `${name}.jsonl`),
    offsets: path.join(work, `${name}-offsets.json`),
    skippedPages: path.join(work, `${name}-skipped.jsonl`),
    indexReport: path.join(work, `${name}-index-report.json`),
  });
  const parts = path.join(work, 'parts');
  const folds = path.join(work, 'folds');
  const partFolder = (part: number) => path.join(parts, String(part));
  return {
    folder,
    spec: path.join(folder, 'spec.json'),
    result: path.join(folder, EVALUATION),
    report: path.join(folder, EVALUATION_REPORT),
    table: path.join(folder, EVALUATION_TABLE),
    work: {
      folder: work,
      scratch,
      result: path.join(work, EVALUATION),
      begun: path.join(work, 'begun.json'),
      pages: index('pages'),
      testPages: index('test-pages'),
      parts,
      folds,
      partRecord: (part) => path.join(parts, `${part}.json`),
      partFolder,
      views: (part, encoders) => path.join(partFolder(part), `views-${encoders}.safetensors`),
      trainingRows: (part, name, book) => path.join(partFolder(part), `${name}-${book}.safetensors`),
      training: (fold, contender) => path.join(folds, String(fold), contender),
      vectors: (fold, contender) => path.join(folds, String(fold), `${contender}.safetensors`),
    },
  };
}
