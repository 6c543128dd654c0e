import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { JobFailure } from '../job-failure.ts';
import type { TaskContext } from '../job-kind.ts';
import { ERRORS, jobReportFolder, listReports, REPORT, SKIPPED } from '../job-reports.ts';
import type { PageReport } from './page-report.ts';

export interface BadPages {
  /** The number of all pages of the job */
  readonly pages: number;
  readonly maxBadPages: number;
  /** The report of the index */
  readonly index: unknown;
  /** The pages that have been read so far */
  readonly report: PageReport;
  /** Lines about pages that could not be read */
  readonly errors: AsyncIterable<string>;
  /** Lines about what was left out */
  readonly skipped: AsyncIterable<string>;
}

/** Writes the reports of a job with too many bad pages, and returns the error that names the reasons and the first pages. */
export async function createBadPagesFailure(
  { jobId, resources: { home } }: TaskContext,
  { pages, maxBadPages, index, report, errors, skipped }: BadPages,
): Promise<JobFailure> {
  const folder = jobReportFolder(home, jobId);
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(path.join(folder, ERRORS), errors);
  await writeFileAtomic(path.join(folder, SKIPPED), skipped);
  const totals = report.totals();
  await writeFileAtomic(path.join(folder, REPORT), `${JSON.stringify({ index, store: totals }, undefined, 2)}\n`);
  const stopped = totals.pages < pages ? `, and the job was stopped after ${totals.pages} pages` : '';
  const counts = `${totals.bad_pages} of ${pages} pages could not be read, more than the ${maxBadPages} that are tolerated`;
  const message = `${counts}${stopped}: ${report.describeProblems()}`;
  return new JobFailure('too_many_bad_pages', message, 'max_bad_pages', await listReports(home, jobId));
}
