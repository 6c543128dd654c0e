import { STAGE3_BASE } from '../../src/model-tools/stage3-base/stage3-files.ts';
import { median } from '../../src/util/arrays.ts';
import { addInt8Variant } from '../bench-models.ts';
import type { BenchOptions } from '../bench-options.ts';
import { type EncoderRates, runPytorch } from '../encoders/bench-encoders.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { formatRange, formatTable, printProgress, printReport } from '../runner/report.ts';
import { measureInTurn, runRounds } from '../runner/rounds.ts';
import { serviceEnvironment, startService } from '../runner/service.ts';
import { forkClients, formatP99, measureServer, type ServerWindow } from './server-window.ts';

const ROUNDS = 3;
/** A batch takes a second and more here: a window must hold a few. */
const WINDOW_FACTOR = 4;
/** Until the first full batch has been answered, and so few probes that they take nothing from the encoders */
const WINDOW = { target: 'image', settleSeconds: 2.5, probePeriodMs: 100, batch: 8 } as const;
const AIMS = 'aims: int8 2.2 times fp32 or more, and 5 times the encoders in PyTorch or more';

interface Stage3Round {
  readonly fp32: ServerWindow;
  readonly int8: ServerWindow;
}

/**
 * How fast is a model of full size through HTTP, in fp32 and in int8, beside its visual encoders in PyTorch?
 * @param home a PANELVEC_HOME with stage3-base
 */
export async function benchStage3(
  home: string,
  { seconds: windowSeconds, quick, pytorch }: BenchOptions,
): Promise<void> {
  const seconds = WINDOW_FACTOR * windowSeconds;
  const roundCount = quick ? 1 : ROUNDS;
  printProgress(`stage3: ${roundCount} rounds of ${seconds} s windows`);
  const int8Model = await addInt8Variant(home, STAGE3_BASE);
  await using children = new ChildProcesses();
  const torchPanelsPerSecond = pytorch && picturesPerSecond(await runPytorch(children, pytorch));
  const rounds = await measureStage3(home, int8Model, roundCount, seconds);
  const rates = (precision: 'fp32' | 'int8') => rounds.map((round) => round[precision].panelsPerSecond);
  const ratios = rounds.map(({ fp32, int8 }) => int8.panelsPerSecond / fp32.panelsPerSecond);
  const results = {
    panelsPerSecond: { fp32: median(rates('fp32')), int8: median(rates('int8')), pytorch: torchPanelsPerSecond },
    int8OfFp32: median(ratios),
    int8OfPytorch: torchPanelsPerSecond && median(rates('int8')) / torchPanelsPerSecond,
  };
  const rows = (['fp32', 'int8'] as const).map((precision) => [
    `panelvec, ${precision}`,
    results.panelsPerSecond[precision].toFixed(1),
    precision === 'fp32' ? '1.00' : `${results.int8OfFp32.toFixed(2)} (${formatRange(ratios, 2)})`,
    formatP99(rounds.flatMap((round) => round[precision].liveMs)),
  ]);
  const torchRow = torchPanelsPerSecond && [
    'PyTorch, encoders alone',
    torchPanelsPerSecond.toFixed(1),
    (torchPanelsPerSecond / results.panelsPerSecond.fp32).toFixed(2),
    '',
  ];
  const lines = formatTable([
    ['', 'panels/s', 'of fp32', '/health/live p99'],
    ...rows,
    ...(torchRow ? [torchRow] : []),
  ]);
  printReport([...lines, AIMS], { part: 'stage3', seconds, rounds: roundCount, results });
}

/** No warm-up: services have run all their sessions while they loaded. */
async function measureStage3(
  home: string,
  int8Model: string,
  roundCount: number,
  seconds: number,
): Promise<Stage3Round[]> {
  const environment = { ...serviceEnvironment(), PANELVEC_HOME: home };
  await using fp32 = new ChildProcesses({ ...environment, PANELVEC_MODELS: STAGE3_BASE });
  await using int8 = new ChildProcesses({ ...environment, PANELVEC_MODELS: int8Model });
  await using children = new ChildProcesses();
  const [clients, fp32Service, int8Service] = await Promise.all([
    forkClients(children),
    startService(fp32),
    startService(int8),
  ]);
  const window = { ...WINDOW, seconds };
  return await runRounds(roundCount, () =>
    measureInTurn<Stage3Round>({
      fp32: () => measureServer(fp32Service.address, clients, window),
      int8: () => measureServer(int8Service.address, clients, window),
    }),
  );
}

/** A picture goes through both visual encoders. */
function picturesPerSecond({ siglip, resnet }: EncoderRates): number {
  return 1 / (1 / siglip + 1 / resnet);
}
