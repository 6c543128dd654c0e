import { readFile } from 'node:fs/promises';
import type { IndexReport } from '../../datasets/index-report.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { PageReport, type PageTotals } from './page-report.ts';
import { errorLines, readPageRecords, skippedLines } from './recorded-pages.ts';
import type { ReportPaths } from './report-paths.ts';

/** What a job has found out about its pages. */
export interface PageReports {
  /** The report of the index */
  readonly index: IndexReport;
  readonly totals: PageTotals;
}

/** Writes the lists of bad pages and of what was skipped, from the records of all parts. */
export async function writePageReports(paths: ReportPaths): Promise<PageReports> {
  const { scratch, skippedPages, indexReport } = paths.work;
  await writeFileAtomic(paths.errors, errorLines(readPageRecords(paths)), scratch);
  await writeFileAtomic(paths.skipped, skippedLines(skippedPages, readPageRecords(paths)), scratch);
  const report = new PageReport();
  for await (const page of readPageRecords(paths)) report.add(page);
  return { index: JSON.parse(await readFile(indexReport, 'utf8')), totals: report.totals() };
}
