import { readFile } from 'node:fs/promises';
import { PAGES_PER_CHUNK } from '../../zarr/store-shape.ts';
import type { JobFailure } from '../job-failure.ts';
import type { TaskContext } from '../job-kind.ts';
import { createBadPagesFailure } from '../pages/bad-pages-failure.ts';
import { readPartTable } from '../pages/page-index-file.ts';
import { PageReport } from '../pages/page-report.ts';
import { errorLines, readRecordsOfJob, skippedLines } from '../pages/recorded-pages.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { getStorePaths } from './store-paths.ts';

/** Reports the pages that this job has read so far. The store stays as it is, so that another job can continue it. */
export async function reportBadStorePages(spec: EmbedSpec, context: TaskContext): Promise<JobFailure> {
  const paths = getStorePaths(context.resources.home, spec.output);
  const { pages } = await readPartTable(paths.work);
  const records = () => readRecordsOfJob(paths, context.jobId, PAGES_PER_CHUNK);
  const report = new PageReport();
  for await (const page of records()) report.add(page);
  return createBadPagesFailure(context, {
    pages,
    maxBadPages: Math.floor(spec.max_bad_pages * pages),
    index: JSON.parse(await readFile(paths.work.indexReport, 'utf8')),
    report,
    errors: errorLines(records()),
    skipped: skippedLines(paths.work.skippedPages, records()),
  });
}
