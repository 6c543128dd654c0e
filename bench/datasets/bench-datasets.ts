import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Dataset, datasetSchema } from '../../src/datasets/dataset-spec.ts';
import type { BenchOptions } from '../bench-options.ts';
import { ChildProcesses, request } from '../runner/child-processes.ts';
import { formatTable, printProgress, printReport } from '../runner/report.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import type { IndexResult } from './index-process.ts';

const SIZE = { books: 40_000, pagesPerBook: 30, panelFiles: 960_000 } as const;
const QUICK_SIZE = { books: 400, pagesPerBook: 30, panelFiles: 1000 } as const;
const AIMS = { seconds: 20, peakMegabytes: 1000 } as const;

interface DatasetSize {
  readonly books: number;
  readonly pagesPerBook: number;
  /** Number of panel files, which the first narrative pages have */
  readonly panelFiles: number;
}

interface DatasetFiles {
  readonly manifest: string;
  readonly labels: string;
  readonly panels: string;
}

/** One of so many pages is not narrative. */
const OTHER_PAGE_PERIOD = 5;
const OTHER_TYPES = ['cover', 'advertisement', 'credits'] as const;
const PANELS = JSON.stringify({ overall_summary: '', panels: [{ panel_number: 1, box_2d: [20, 30, 480, 490] }] });

/** What does it take to index a collection of 1.2 million pages, without panel files and with some? */
export async function benchDatasets({ quick }: BenchOptions): Promise<void> {
  const { panelFiles, ...size } = quick ? QUICK_SIZE : SIZE;
  const results: (DatasetSize & IndexResult)[] = [];
  for (const files of [0, panelFiles]) {
    printProgress(`datasets: ${size.books * size.pagesPerBook} pages, ${files} panel files`);
    results.push(await measureIndex({ ...size, panelFiles: files }));
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

async function measureIndex(size: DatasetSize): Promise<DatasetSize & IndexResult> {
  using folder = new TemporaryFolder();
  const files = await writeDataset(folder.path, size);
  const dataset = datasetSchema.parse({
    manifest: files.manifest,
    pss_labels: files.labels,
    panels: { format: 'vlm', root: files.panels },
  });
  await using children = new ChildProcesses();
  const { child } = await children.fork('datasets/index-process.ts');
  return { ...size, ...(await request<Dataset, IndexResult>(child, dataset)) };
}

/** Writes a manifest and flat labels as large collections have them, and panel files for some of the narrative pages. */
async function writeDataset(folder: string, size: DatasetSize): Promise<DatasetFiles> {
  const files = {
    manifest: path.join(folder, 'manifest.csv'),
    labels: path.join(folder, 'pss_labels.json'),
    panels: path.join(folder, 'vlm'),
  };
  const [manifest, labels] = [createWriteStream(files.manifest), createWriteStream(files.labels)];
  await mkdir(files.panels);
  manifest.write('canonical_id,absolute_image_path\n');
  labels.write('{');
  let filesLeft = size.panelFiles;
  for (let book = 0; book < size.books; book++) {
    const pages = makePages(book, size.pagesPerBook);
    await write(manifest, pages.map(({ id }) => `${id},/mnt/collection/comics/${id}\n`).join(''));
    const members = pages.map(({ id, type }) => `${JSON.stringify(id)}: ${JSON.stringify(type)}`);
    await write(labels, `${book === 0 ? '' : ',\n'}${members.join(',\n')}`);
    const withPanels = pages.filter(({ type }) => type === 'narrative').slice(0, filesLeft);
    filesLeft -= withPanels.length;
    const panelFiles = withPanels.map(({ id }) => path.join(files.panels, `${id}.json`));
    const [firstFile] = panelFiles;
    if (firstFile !== undefined) await mkdir(path.dirname(firstFile), { recursive: true });
    await Promise.all(panelFiles.map((file) => writeFile(file, PANELS)));
  }
  labels.write('}\n');
  for (const stream of [manifest, labels]) {
    stream.end();
    await once(stream, 'close');
  }
  return files;
}

function makePages(book: number, count: number): { id: string; type: string }[] {
  const name = `The Amazing Adventures of Captain ${book} - Volume ${book % 50} (${1930 + (book % 90)}) (Digital)`;
  return Array.from({ length: count }, (_, page) => ({
    id: `CalibreComics_extracted/${name}/page_${String(page).padStart(3, '0')}.jpg`,
    type: page % OTHER_PAGE_PERIOD === 0 ? (OTHER_TYPES[(book + page) % OTHER_TYPES.length] ?? 'cover') : 'narrative',
  }));
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}
