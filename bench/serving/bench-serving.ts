import { readConfig } from '../../src/config.ts';
import type { BenchOptions } from '../bench-options.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { formatTable, printProgress, printReport } from '../runner/report.ts';
import { measureInTurn, median, runRounds } from '../runner/rounds.ts';
import { serviceEnvironment, startService } from '../runner/service.ts';
import {
  forkInstruments,
  measureRawLoop,
  measureServer,
  rawLoopCells,
  SERVER_COLUMNS,
  type ServerSummary,
  type ServerWindow,
  serverCells,
  summariseServer,
} from './compare-servers.ts';
import type { PlainServerReady } from './plain-server.ts';

/** With one thread the encoder is the bottleneck and the other core is free; with two everything shares both. */
const THREADS = [1, 2];
const ROUNDS = 5;
const MIN_WARM_UP_SECONDS = 1.5;
const WINDOW = { panel: 'image', settleSeconds: 0.75, probePeriodMs: 20 } as const;
const AIMS = { threads: 1, ofRaw: 0.95, liveP99Ms: 25, eventLoopP99Ms: 20 } as const;

interface ServingRound {
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerWindow;
  readonly plain: ServerWindow;
}

interface ServingSummary {
  readonly threads: number;
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerSummary;
  readonly plain: ServerSummary;
}

/**
 * What does HTTP cost, and how does the service respond under load? The model that comes with the service, beside the bare
 * ONNX Runtime loop and a plain server.
 */
export async function benchServing({ seconds, quick }: BenchOptions): Promise<void> {
  const roundCount = quick ? 1 : ROUNDS;
  const results: ServingSummary[] = [];
  for (const threads of THREADS) {
    printProgress(`serving, ${threads} thread(s): ${roundCount} rounds of ${seconds} s windows`);
    results.push(summarise(threads, await measureServing(threads, roundCount, seconds)));
  }
  const rows = [['threads', 'program', ...SERVER_COLUMNS], ...results.flatMap(toRows)];
  const aims =
    `aims with ${AIMS.threads} thread: panelvec ${AIMS.ofRaw} of raw or more, ` +
    `/health/live under ${AIMS.liveP99Ms} ms, event loop under ${AIMS.eventLoopP99Ms} ms`;
  printReport([...formatTable(rows), aims], { part: 'serving', seconds, rounds: roundCount, aims: AIMS, results });
}

async function measureServing(threads: number, roundCount: number, seconds: number): Promise<ServingRound[]> {
  const environment = serviceEnvironment(threads);
  const { maxBatch: batch } = readConfig(environment);
  await using children = new ChildProcesses(environment);
  const [instruments, service, plainServer] = await Promise.all([
    forkInstruments(children),
    startService(children),
    children.fork<PlainServerReady>('serving/plain-server.ts'),
  ]);
  const measureRound = (windowSeconds: number) => {
    const window = { ...WINDOW, batch, seconds: windowSeconds };
    return measureInTurn<ServingRound>({
      rawPanelsPerSecond: () => measureRawLoop(instruments, window),
      panelvec: () => measureServer(service.address, instruments, window),
      plain: () => measureServer(plainServer.ready.address, instruments, window),
    });
  };
  await measureRound(Math.max(MIN_WARM_UP_SECONDS, seconds));
  return await runRounds(roundCount, () => measureRound(seconds));
}

function summarise(threads: number, rounds: readonly ServingRound[]): ServingSummary {
  const summaryOf = (server: 'panelvec' | 'plain') =>
    summariseServer(rounds.map(({ rawPanelsPerSecond, [server]: window }) => ({ window, rawPanelsPerSecond })));
  return {
    threads,
    rawPanelsPerSecond: median(rounds.map(({ rawPanelsPerSecond }) => rawPanelsPerSecond)),
    panelvec: summaryOf('panelvec'),
    plain: summaryOf('plain'),
  };
}

function toRows({ threads, rawPanelsPerSecond, panelvec, plain }: ServingSummary): string[][] {
  return [
    [String(threads), 'raw loop', ...rawLoopCells(rawPanelsPerSecond)],
    [String(threads), 'panelvec', ...serverCells(panelvec)],
    [String(threads), 'plain server', ...serverCells(plain)],
  ];
}
