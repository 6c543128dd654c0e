import path from 'node:path';
import { ERRORS, jobReportFolder, REPORT, SKIPPED } from '../job-reports.ts';
import type { PageIndexFiles } from '../pages/page-index-file.ts';

const STORE = 'embeddings.zarr';
const METADATA = 'metadata.json';
const PANELS = 'panels.jsonl';
export const ARTIFACT_NAMES: readonly string[] = [STORE, METADATA, PANELS, ERRORS, SKIPPED, REPORT];

/** What to do about a file of the store that is missing. */
export const RESUBMIT_HINT = 'submit the job again to make it';

/** The paths of an embed job's files. The folder `work` is removed when the store is finished. */
export interface StorePaths {
  readonly folder: string;
  readonly store: string;
  readonly metadata: string;
  readonly panels: string;
  readonly errors: string;
  readonly skipped: string;
  readonly report: string;
  readonly work: PageIndexFiles & {
    readonly folder: string;
    partRecord(part: number): string;
  };
}

export function getStorePaths(home: string, output: string): StorePaths {
  return pathsInFolder(path.join(home, 'stores', output));
}

/** The paths of a dry run, which makes no store and no metadata. */
export function getDryRunPaths(home: string, jobId: string): StorePaths {
  return pathsInFolder(jobReportFolder(home, jobId));
}

function pathsInFolder(folder: string): StorePaths {
  const work = path.join(folder, '.work');
  return {
    folder,
    store: path.join(folder, STORE),
    metadata: path.join(folder, METADATA),
    panels: path.join(folder, PANELS),
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
