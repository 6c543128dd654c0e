import path from 'node:path';
import { ERRORS, jobReportFolder, REPORT, SKIPPED } from '../job-reports.ts';
import type { PageIndexFiles } from './page-index-file.ts';

/** The reports of a job that reads pages, and the files that it works with, which are removed at its end. */
export interface ReportPaths {
  readonly folder: string;
  readonly errors: string;
  readonly skipped: string;
  readonly report: string;
  readonly work: PageIndexFiles & {
    readonly folder: string;
    partRecord(part: number): string;
  };
}

/** The paths of a job that writes only reports to the disk. */
export function getReportPaths(home: string, jobId: string): ReportPaths {
  return reportPathsInFolder(jobReportFolder(home, jobId));
}

export function reportPathsInFolder(folder: string): ReportPaths {
  const work = path.join(folder, '.work');
  return {
    folder,
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
