import path from 'node:path';
import type { PageIndexFiles } from '../pages/page-index-file.ts';

/** The names of the artefacts. */
export const STORE = 'embeddings.zarr';
export const METADATA = 'metadata.json';
export const ERRORS = 'errors.jsonl';
export const SKIPPED = 'skipped.jsonl';
export const REPORT = 'report.json';

/** The paths of an embed job's files. The folder `work` is removed when the store is finished. */
export interface StorePaths {
  readonly folder: string;
  readonly store: string;
  readonly metadata: string;
  readonly errors: string;
  readonly skipped: string;
  readonly report: string;
  readonly work: PageIndexFiles & {
    readonly folder: string;
    partRecord(part: number): string;
  };
}

export function getStorePaths(home: string, output: string): StorePaths {
  const folder = path.join(home, 'stores', output);
  const work = path.join(folder, '.work');
  return {
    folder,
    store: path.join(folder, STORE),
    metadata: path.join(folder, METADATA),
    errors: path.join(folder, ERRORS),
    skipped: path.join(folder, SKIPPED),
    report: path.join(folder, REPORT),
    work: {
      folder: work,
      scratch: path.join(work, 'scratch'),
      pages: path.join(work, 'pages.jsonl'),
      offsets: path.join(work, 'offsets.json'),
      skippedPages: path.join(work, 'skipped-pages.jsonl'),
      indexReport: path.join(work, 'index-report.json'),
      partRecord: (part) => path.join(work, 'parts', `${part}.json`),
    },
  };
}
