/** Child process: indexes one dataset, so that time and peak memory are of the index alone. */
import type { Dataset } from '../../src/datasets/dataset-spec.ts';
import { type IndexReport, indexPages } from '../../src/datasets/index-pages.ts';
import { handleRequests, sendReady } from '../runner/child-processes.ts';

export interface IndexResult {
  readonly seconds: number;
  /** Seconds from the start to the first progress of each phase */
  readonly phases: Readonly<Record<string, number>>;
  readonly peakMegabytes: number;
  readonly kept: number;
  readonly skipped: IndexReport['skipped'];
}

const KILOBYTES_PER_MEGABYTE = 1024;

handleRequests<Dataset, IndexResult>(async (dataset) => {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const phases: Record<string, number> = {};
  const { kept, skipped } = await indexPages(dataset, {
    onProgress(_, phase) {
      phases[phase] ??= seconds();
    },
    onPage() {},
    onSkipped() {},
  });
  const peakMegabytes = process.resourceUsage().maxRSS / KILOBYTES_PER_MEGABYTE;
  return { seconds: seconds(), phases, peakMegabytes, kept, skipped };
});
sendReady();
