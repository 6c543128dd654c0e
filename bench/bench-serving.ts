import { readConfig } from '../src/config.ts';
import { Children } from './children.ts';
import { serviceEnvironment } from './environment.ts';
import { printReport } from './print-report.ts';
import { measureRounds } from './serving-rounds.ts';
import { summarise, type ThreadsSummary } from './serving-summary.ts';
import { servingRows } from './serving-table.ts';
import { formatTable } from './table.ts';

/** With one thread the encoder is the bottleneck and the other core is free; with two everything shares both. */
const THREADS = [1, 2];
const ROUNDS = 5;
const AIMS = { threads: 1, ofRaw: 0.95, liveP99Ms: 25, eventLoopP99Ms: 20 } as const;

/**
 * What HTTP costs, and how the service answers while it is busy, with the model that comes with it: as ratios to the bare
 * ONNX Runtime loop and beside a plain server.
 */
export async function benchServing(seconds: number): Promise<void> {
  const results: ThreadsSummary[] = [];
  for (const threads of THREADS) results.push(await compare(threads, seconds));
  const aims =
    `aims with ${AIMS.threads} thread: panelvec ${AIMS.ofRaw} of raw or more, ` +
    `/health/live under ${AIMS.liveP99Ms} ms, event loop under ${AIMS.eventLoopP99Ms} ms`;
  const report = { part: 'serving', seconds, rounds: ROUNDS, aims: AIMS, results };
  printReport([...formatTable(servingRows(results)), aims], report);
}

async function compare(threads: number, seconds: number): Promise<ThreadsSummary> {
  const environment = serviceEnvironment(threads);
  const { maxBatch: batch } = readConfig(environment);
  await using children = new Children(environment);
  process.stderr.write(`serving, ${threads} thread(s): ${ROUNDS} rounds of ${seconds} s windows\n`);
  return summarise(threads, await measureRounds(children, { rounds: ROUNDS, seconds, batch }));
}
