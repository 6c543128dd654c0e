import { median } from '../../src/util/arrays.ts';
import { addFp32Variant } from '../bench-models.ts';
import type { BenchOptions } from '../bench-options.ts';
import { type Layout, RawLoops } from '../load/raw-loops.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { formatRange, formatTable, printProgress, printReport } from '../runner/report.ts';
import { measureInTurn, runRounds } from '../runner/rounds.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { withDefaultService } from './default-service.ts';
import type { PlainServerReady } from './plain-server.ts';
import { forkClients, formatP99, measureServer, type ServerWindow } from './server-window.ts';
import { readServiceLayout } from './service-layout.ts';

const MODEL = 'compact';
const ROUNDS = 5;
const MIN_WARM_UP_SECONDS = 2;
const WINDOW = { target: 'image', settleSeconds: 0.75, probePeriodMs: 20, batch: 8 } as const;
const AIMS = 'aims: panelvec 2 times the faster plain server or more, 0.9 of the raw loop or more';

/** Rate of each program; `decoded` and `jpegs` are what the raw loop begins with. */
interface CapacityRound {
  readonly decoded: number;
  readonly jpegs: number;
  readonly panelvec: ServerWindow;
  readonly repeated: ServerWindow;
  /** With all cores for each picture, as ONNX Runtime does by itself */
  readonly plain: ServerWindow;
  readonly plainOneThread: ServerWindow;
}

/** How many pictures does the service embed at default settings, beside raw loops and a plain server in fp32? */
export async function benchCapacity({ seconds, quick, fp32Model }: BenchOptions): Promise<void> {
  const roundCount = quick ? 1 : ROUNDS;
  await withDefaultService(async (service) => {
    const layout = await readServiceLayout(service);
    printProgress(`capacity, ${describeLayout(layout)}: ${roundCount} rounds of ${seconds} s windows`);
    const rounds = await measureCapacity(service.address, layout, fp32Model, roundCount, seconds);
    printCapacity(rounds, layout, seconds);
  });
}

async function measureCapacity(
  address: string,
  layout: Layout,
  fp32Source: string,
  roundCount: number,
  seconds: number,
): Promise<CapacityRound[]> {
  using fp32Home = new TemporaryFolder();
  const fp32Model = await addFp32Variant(fp32Home.path, fp32Source);
  await using children = new ChildProcesses({ ...process.env, PANELVEC_MODELS: MODEL });
  const env = { PANELVEC_MODELS: fp32Model, PANELVEC_HOME: fp32Home.path };
  const forkPlainServer = async (threads: number) =>
    (await children.fork<PlainServerReady>('serving/plain-server.ts', { args: [String(threads)], env })).ready.address;
  const [clients, rawLoops, plainServer, plainServerOneThread] = await Promise.all([
    forkClients(children),
    RawLoops.fork(children, layout),
    forkPlainServer(layout.engines * layout.threads),
    forkPlainServer(1),
  ]);
  const measureRound = (windowSeconds: number) => {
    const window = { ...WINDOW, seconds: windowSeconds };
    return measureInTurn<CapacityRound>({
      decoded: () => rawLoops.measure({ panels: 'image', seconds: windowSeconds }),
      jpegs: () => rawLoops.measure({ panels: 'image', seconds: windowSeconds, decodes: true }),
      panelvec: () => measureServer(address, clients, window),
      repeated: () => measureServer(address, clients, { ...window, isRepeated: true }),
      plain: () => measureServer(plainServer, clients, window),
      plainOneThread: () => measureServer(plainServerOneThread, clients, window),
    });
  };
  await measureRound(Math.max(MIN_WARM_UP_SECONDS, seconds));
  return await runRounds(roundCount, () => measureRound(seconds));
}

function printCapacity(rounds: readonly CapacityRound[], layout: Layout, seconds: number): void {
  const panelvec = rounds.map((round) => round.panelvec.panelsPerSecond);
  const rawRow = (title: string, program: 'decoded' | 'jpegs') => ({
    title,
    rates: rounds.map((round) => round[program]),
    refused: 0,
    live: '',
  });
  const serverRow = (title: string, program: 'panelvec' | 'repeated' | 'plain' | 'plainOneThread') => ({
    title,
    rates: rounds.map((round) => round[program].panelsPerSecond),
    refused: rounds.reduce((sum, round) => sum + round[program].refused, 0),
    live: formatP99(rounds.flatMap((round) => round[program].liveMs)),
  });
  const results = [
    rawRow('raw loop over decoded pictures', 'decoded'),
    rawRow('raw loop that decodes', 'jpegs'),
    serverRow('panelvec', 'panelvec'),
    serverRow('panelvec, one picture again and again', 'repeated'),
    serverRow('plain server, fp32, all cores', 'plain'),
    serverRow('plain server, fp32, one thread', 'plainOneThread'),
  ].map(({ title, rates, refused, live }) => {
    const ratios = rates.map((rate, round) => (panelvec[round] ?? Number.NaN) / rate);
    return {
      title,
      panelsPerSecond: median(rates),
      panelvecRatio: median(ratios),
      ratioRange: formatRange(ratios, 2),
      refused,
      live,
    };
  });
  const clientCores = median(rounds.map((round) => round.panelvec.clientCores));
  const rows = results.map(({ title, panelsPerSecond, panelvecRatio, ratioRange, refused, live }) => [
    title,
    panelsPerSecond.toFixed(1),
    `${panelvecRatio.toFixed(2)} (${ratioRange})`,
    String(refused),
    live,
  ]);
  const lines = formatTable([['', 'panels/s', 'panelvec / this', 'refused', '/health/live p99'], ...rows]);
  const notes = `${describeLayout(layout)}; the client of panelvec takes ${clientCores.toFixed(2)} of a core`;
  printReport([...lines, notes, AIMS], { part: 'capacity', seconds, layout, results, clientCores });
}

function describeLayout({ engines, threads }: Layout): string {
  return `${engines} engine(s) with ${threads} thread(s)`;
}
