import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Dataset, datasetSchema } from '../src/datasets/dataset-spec.ts';
import { Children, request } from './children.ts';
import type { IndexResult } from './datasets/indexing.ts';
import { type SyntheticSize, writeSynthetic } from './datasets/synthetic.ts';
import { printReport } from './print-report.ts';
import { formatTable } from './table.ts';

const BOOKS = 40_000;
const PAGES_PER_BOOK = 30;
const USUAL_PANEL_FILES = 100_000;
const AIMS = { seconds: 20, peakMegabytes: 1500 } as const;

/** What it takes to index a collection of 1.2 million pages, without panel files and with some. */
export async function benchDatasets(panelFiles: number = USUAL_PANEL_FILES): Promise<void> {
  const results: (SyntheticSize & IndexResult)[] = [];
  for (const files of new Set([0, panelFiles])) {
    const size = { books: BOOKS, pagesPerBook: PAGES_PER_BOOK, panelFiles: files };
    process.stderr.write(`datasets: ${BOOKS * PAGES_PER_BOOK} pages, ${files} panel files\n`);
    results.push({ ...size, ...(await measure(size)) });
  }
  const rows = results.map((result) => [
    String(result.books * result.pagesPerBook),
    String(result.panelFiles),
    String(result.kept),
    result.seconds.toFixed(1),
    result.peakMegabytes.toFixed(0),
  ]);
  const aims = `aims: under ${AIMS.seconds} s and ${AIMS.peakMegabytes} MB`;
  const lines = [...formatTable([['pages', 'panel files', 'kept', 'seconds', 'peak MB'], ...rows]), aims];
  printReport(lines, { part: 'datasets', aims: AIMS, results });
}

async function measure(size: SyntheticSize): Promise<IndexResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'panelvec-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    const files = await writeSynthetic(folder, size);
    const dataset = datasetSchema.parse({
      manifest: files.manifest,
      pss_labels: files.labels,
      panels: { format: 'vlm', root: files.panels },
    });
    await using children = new Children(process.env);
    const { child } = await children.fork('datasets/indexing.ts');
    return await request<Dataset, IndexResult>(child, dataset);
  } finally {
    remove();
    process.off('exit', remove);
  }
}
