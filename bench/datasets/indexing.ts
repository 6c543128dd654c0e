/** Child process: indexes one dataset, so that its time and memory are those of nothing else. */
import type { Dataset } from '../../src/datasets/dataset-spec.ts';
import { type IndexReport, indexPages } from '../../src/datasets/index-pages.ts';
import { handleRequests, sendReady } from '../child-protocol.ts';

export interface IndexResult {
  readonly seconds: number;
  /** Seconds from the start at which each phase first had something to report */
  readonly phases: Readonly<Record<string, number>>;
  readonly peakMegabytes: number;
  readonly kept: number;
  readonly skipped: IndexReport['skipped'];
}

const KILOBYTES_PER_MEGABYTE = 1024;

handleRequests<Dataset, IndexResult>(async (dataset) => {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
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
sendReady({});
