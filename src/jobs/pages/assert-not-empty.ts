import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { JobFailure } from '../job-failure.ts';
import type { TaskContext } from '../job-kind.ts';
import { jobReportFolder, listReports, REPORT } from '../job-reports.ts';
import type { PageIndex } from './page-index-file.ts';
import { describeReasons } from './page-report.ts';

/** @throws JobFailure dataset_invalid naming the field and why pages were left out, with the report of the index, if no page is left */
export async function assertNotEmpty(
  { pages, report }: PageIndex,
  pageKind: string,
  param: string,
  { jobId, resources: { home } }: TaskContext,
): Promise<void> {
  if (pages > 0) return;
  const { skipped, examples, kept, labels, manifest, files } = report;
  const reasons = describeReasons({ ...skipped, 'held out': kept }, examples) || 'nothing skipped';
  const source =
    files === null
      ? `${manifest.rows} manifest rows`
      : `${files.images} images and ${files.archives} archives in the folder`;
  const message = `no ${pageKind} is left of ${labels} labels and ${source}: ${reasons}`;
  const folder = jobReportFolder(home, jobId);
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(path.join(folder, REPORT), `${JSON.stringify({ index: report }, undefined, 2)}\n`);
  throw new JobFailure('dataset_invalid', message, param, await listReports(home, jobId));
}
