import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { writeCorpus } from '../../test/support/write-corpus.ts';
import { type MemoryByTitle, processTreeMegabytes } from '../runner/process-memory.ts';
import { formatTable, printProgress, printReport } from '../runner/report.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { type JobRun, withJobService } from './job-service.ts';

const THREADS = 2;
const PANELS = {
  overall_summary: '',
  panels: [{ panel_number: 1, box_2d: [50, 50, 950, 950], description: 'A wall.' }],
};

export interface JobMemorySettings {
  readonly model: string;
  readonly modelsFolder: string;
  /** Pages of each job. The first is little more than what the processes need for themselves. */
  readonly sizes: readonly number[];
}

interface MemoryResult {
  readonly pages: number;
  readonly run: JobRun;
  /** Peak memory in MB by process title */
  readonly peaks: MemoryByTitle;
}

/** What memory does a job need, by the number of its pages? */
export async function benchJobMemory(settings: JobMemorySettings): Promise<void> {
  const results: MemoryResult[] = [];
  for (const pages of settings.sizes) {
    printProgress(`jobs, memory: ${pages} pages`);
    results.push(await measureMemory(pages, settings));
  }
  const aims = 'aim: memory that does not grow with the pages';
  const report = { part: 'jobs', of: 'memory', threads: THREADS, results };
  printReport([...formatTable(toRows(results)), aims], report);
}

/** All pages are one small picture, which is embedded once. */
async function measureMemory(pages: number, { model, modelsFolder }: JobMemorySettings): Promise<MemoryResult> {
  using folder = new TemporaryFolder();
  const image = path.join(folder.path, 'page.png');
  writeFileSync(image, await drawWall());
  const dataset = await writeCorpus(folder.path, pages, () => ({ image, panels: PANELS }));
  const corpus = { dataset, pages, roots: [folder.path] };
  return await withJobService({ threads: THREADS, models: [model], modelsFolder, corpus }, async ({ pid, jobs }) => {
    const run = await jobs.run('memory', corpus);
    return { pages, run, peaks: processTreeMegabytes(pid, 'VmHWM') };
  });
}

function drawWall(): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 96, channels: 3, background: '#a0522d' } })
    .png()
    .toBuffer();
}

const TITLES = ['panelvec-api', 'panelvec-worker', 'panelvec-engine', 'panelvec-database'] as const;

function toRows(results: readonly MemoryResult[]): string[][] {
  const rows = results.map(({ pages, run, peaks }) => [
    String(pages),
    run.seconds.toFixed(1),
    (run.pages / run.seconds).toFixed(0),
    ...TITLES.map((title) => peaks[title]?.toFixed(0) ?? ''),
  ]);
  return [['pages', 'seconds', 'pages/s', ...TITLES.map((title) => `${title} MB`)], ...rows];
}
