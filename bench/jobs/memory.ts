import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { writeCorpus } from './bench-corpus.ts';
import type { JobRun } from './bench-job-client.ts';
import { withJobService } from './bench-job-service.ts';
import { peakMegabytes } from './processes.ts';
import { TemporaryFolder } from './temporary-folder.ts';

export interface MemoryResult {
  readonly pages: number;
  readonly run: JobRun;
  /** By the process's title */
  readonly peaks: Readonly<Record<string, number>>;
}

const PANELS = {
  overall_summary: '',
  panels: [{ panel_number: 1, box_2d: [50, 50, 950, 950], description: 'A wall.' }],
};

/** Jobs of so many pages, each in a service of its own. All pages are one small picture, which is embedded once. */
export async function measureMemory(
  sizes: readonly number[],
  { model, modelsFolder, threads }: { readonly model: string; readonly modelsFolder: string; readonly threads: number },
): Promise<MemoryResult[]> {
  const results: MemoryResult[] = [];
  for (const pages of sizes) {
    process.stderr.write(`jobs, memory: ${pages} pages\n`);
    using folder = new TemporaryFolder();
    const image = path.join(folder.path, 'page.png');
    writeFileSync(image, await drawWall());
    const corpus = writeCorpus(folder.path, pages, () => ({ image, panels: PANELS }), folder.path);
    const service = { threads, models: [model], modelsFolder, corpus };
    results.push(
      await withJobService(service, async ({ pid, jobs }) => {
        const run = await jobs.run('memory', corpus);
        return { pages, run, peaks: peakMegabytes(pid) };
      }),
    );
  }
  return results;
}

function drawWall(): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 96, channels: 3, background: '#a0522d' } })
    .png()
    .toBuffer();
}
