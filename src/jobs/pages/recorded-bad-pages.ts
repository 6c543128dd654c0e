import { readFile } from 'node:fs/promises';
import { PAGES_PER_CHUNK } from '../../zarr/store-shape.ts';
import type { JobFailure } from '../job-failure.ts';
import type { TaskContext } from '../job-kind.ts';
import { createBadPagesFailure } from './bad-pages-failure.ts';
import { readPartTable } from './page-index-file.ts';
import { PageReport } from './page-report.ts';
import { errorLines, readRecordsOfJob, skippedLines } from './recorded-pages.ts';
import type { ReportPaths } from './report-paths.ts';

/**
 * Reports the pages that a job has read so far, by the records of its parts.
 * @param maxBadShare the share of bad pages that was tolerated
 */
export async function reportRecordedBadPages(
  paths: ReportPaths,
  maxBadShare: number,
  context: TaskContext,
): Promise<JobFailure> {
  const { pages } = await readPartTable(paths.work);
  const records = () => readRecordsOfJob(paths, context.jobId, PAGES_PER_CHUNK);
  const report = new PageReport();
  for await (const page of records()) report.add(page);
  return createBadPagesFailure(context, {
    pages,
    maxBadPages: Math.floor(maxBadShare * pages),
    index: JSON.parse(await readFile(paths.work.indexReport, 'utf8')),
    report,
    errors: errorLines(records()),
    skipped: skippedLines(paths.work.skippedPages, records()),
  });
}
