/**
 * `npm run bench`: what HTTP costs, and how the service answers while it is busy, as ratios to the bare ONNX Runtime loop
 * and beside a plain server. A table, then one line of JSON.
 */
import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { Children } from './children.ts';
import { measureRounds } from './rounds.ts';
import { summarise, type ThreadsSummary } from './summary.ts';
import { table } from './table.ts';

/** With one thread the encoder is the bottleneck and the other core is free; with two everything shares both. */
const THREADS = [1, 2];
const ROUNDS = 5;
const DEFAULT_WINDOW_SECONDS = '2';
const JSON_DECIMALS = 3;
const AIMS = { threads: 1, ofRaw: 0.95, liveP99Ms: 25, eventLoopP99Ms: 20 } as const;

// An interrupted bench takes its children along: see Children.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { values } = parseArgs({ options: { seconds: { type: 'string', default: DEFAULT_WINDOW_SECONDS } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds}: must be a number over 0`);

const summaries: ThreadsSummary[] = [];
for (const threads of THREADS) summaries.push(await compare(threads));

process.stdout.write(`${table(summaries)}\n`);
process.stdout.write(
  `aims with ${AIMS.threads} thread: panelvec ${AIMS.ofRaw} of raw or more, ` +
    `/health/live under ${AIMS.liveP99Ms} ms, event loop under ${AIMS.eventLoopP99Ms} ms\n`,
);
const report = { seconds, rounds: ROUNDS, aims: AIMS, results: summaries };
process.stdout.write(`${JSON.stringify(report, rounded)}\n`);

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(JSON_DECIMALS)) : value;
}

async function compare(threads: number): Promise<ThreadsSummary> {
  const environment = {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    PANELVEC_PROVIDER: 'cpu',
    PANELVEC_THREADS: String(threads),
  };
  const { maxBatch: batch } = readConfig(environment);
  await using children = new Children(environment);
  process.stderr.write(`${threads} thread(s): ${ROUNDS} rounds of ${seconds} s windows\n`);
  return summarise(threads, await measureRounds(children, { rounds: ROUNDS, seconds, batch }));
}
