import type { PageEntry } from '../../datasets/index-pages.ts';
import { indexPages } from '../../datasets/index-pages.ts';
import type { IndexReport } from '../../datasets/index-report.ts';
import { PageReport, type PageTotals } from '../pages/page-report.ts';
import { toRecord } from '../pages/part-record.ts';
import { type CheckContext, checkPage } from './check-page.ts';

/** Pages whose files are in memory at a time */
const PAGES_PER_BATCH = 16;

export interface CheckProgress {
  onIndexed?(done: number, phase: string): void;
  /** Called with the number of pages that are checked */
  onChecked?(pages: number): void;
}

/**
 * Checks a dataset page by page, with the code of a dry run but without a job. Memory does not grow with the pages beyond the
 * index of their names.
 * @throws PanelvecError naming the file of the dataset that cannot be used
 */
export async function checkDataset(
  context: CheckContext,
  { onIndexed, onChecked }: CheckProgress = {},
): Promise<{ readonly index: IndexReport; readonly totals: PageTotals }> {
  const report = new PageReport();
  let checked = 0;
  let batch: PageEntry[] = [];
  const checkBatch = async () => {
    const pages = batch;
    batch = [];
    // Added in their order, so that the examples are the same in every run.
    for (const page of await Promise.all(pages.map((entry) => checkPage(entry, context)))) report.add(toRecord(page));
    checked += pages.length;
    onChecked?.(checked);
  };
  const index = await indexPages(context.dataset, {
    dataRoots: context.limits.dataRoots,
    onProgress: onIndexed,
    onPage: (entry) => (batch.push(entry) < PAGES_PER_BATCH ? undefined : checkBatch()),
    onSkipped: () => {},
  });
  await checkBatch();
  return { index, totals: report.totals() };
}
