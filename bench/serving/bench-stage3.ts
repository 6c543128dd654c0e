import { readConfig } from '../../src/config.ts';
import { STAGE3_BASE } from '../../src/model-tools/stage3-base/stage3-files.ts';
import type { BenchOptions } from '../bench-options.ts';
import { PANEL_KINDS, type PanelKind } from '../load/panel-requests.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { formatRange, formatTable, printProgress, printReport } from '../runner/report.ts';
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

const THREADS = 2;
const ROUNDS = 3;
/** A batch takes a second and more here: a window must hold a few. */
const WINDOW_FACTOR = 4;
/** Until the first full batch has been answered */
const SETTLE_SECONDS = 2.5;
/** So seldom that the requests take nothing from encoders that need both cores */
const PROBE_PERIOD_MS = 100;
const AIMS = { ofRaw: 0.95 } as const;

interface PanelRound {
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerWindow;
}

type Stage3Round = Readonly<Record<PanelKind, PanelRound>>;

interface PanelSummary {
  readonly panel: PanelKind;
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerSummary;
}

/** What does HTTP cost with encoders of full size? @param home a PANELVEC_HOME with stage3-base */
export async function benchStage3(home: string, { seconds: windowSeconds, quick }: BenchOptions): Promise<void> {
  const seconds = WINDOW_FACTOR * windowSeconds;
  const roundCount = quick ? 1 : ROUNDS;
  printProgress(`stage3, ${THREADS} threads: ${roundCount} rounds of ${seconds} s windows`);
  const rounds = await measureStage3(home, roundCount, seconds);
  const results = PANEL_KINDS.map((panel) => summarise(panel, rounds));
  const rows = [['panels', 'program', ...SERVER_COLUMNS], ...results.flatMap(toRows)];
  const aims = `aim: panelvec ${AIMS.ofRaw} of raw or more; rounds: ${results.map(describeRounds).join(', ')}`;
  const report = { part: 'stage3', threads: THREADS, seconds, rounds: roundCount, aims: AIMS, results };
  printReport([...formatTable(rows), aims], report);
}

/** No warm-up: service and raw loop have run all their sessions while they loaded. */
async function measureStage3(home: string, roundCount: number, seconds: number): Promise<Stage3Round[]> {
  const environment = { ...serviceEnvironment(THREADS), PANELVEC_HOME: home, PANELVEC_MODELS: STAGE3_BASE };
  const { maxBatch: batch } = readConfig(environment);
  await using children = new ChildProcesses(environment);
  const [instruments, { address }] = await Promise.all([forkInstruments(children), startService(children)]);
  const measurePanel = (panel: PanelKind) => {
    const window = { panel, settleSeconds: SETTLE_SECONDS, probePeriodMs: PROBE_PERIOD_MS, seconds, batch };
    return measureInTurn<PanelRound>({
      rawPanelsPerSecond: () => measureRawLoop(instruments, window),
      panelvec: () => measureServer(address, instruments, window),
    });
  };
  return await runRounds(roundCount, () =>
    measureInTurn<Stage3Round>({ image: () => measurePanel('image'), multimodal: () => measurePanel('multimodal') }),
  );
}

function summarise(panel: PanelKind, stage3Rounds: readonly Stage3Round[]): PanelSummary {
  const rounds = stage3Rounds.map((round) => round[panel]);
  return {
    panel,
    rawPanelsPerSecond: median(rounds.map(({ rawPanelsPerSecond }) => rawPanelsPerSecond)),
    panelvec: summariseServer(
      rounds.map(({ rawPanelsPerSecond, panelvec }) => ({ window: panelvec, rawPanelsPerSecond })),
    ),
  };
}

function toRows({ panel, rawPanelsPerSecond, panelvec }: PanelSummary): string[][] {
  return [
    [panel, 'raw loop', ...rawLoopCells(rawPanelsPerSecond)],
    [panel, 'panelvec', ...serverCells(panelvec)],
  ];
}

function describeRounds({ panel, panelvec }: PanelSummary): string {
  return `${panel} ${formatRange(panelvec.ofRawByRound, 3)}`;
}
