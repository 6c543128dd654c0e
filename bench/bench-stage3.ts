import { readConfig } from '../src/config.ts';
import { STAGE3_BASE } from '../src/model-tools/stage3-base/stage3-files.ts';
import { Children } from './children.ts';
import { serviceEnvironment } from './environment.ts';
import { formatRange, printReport } from './print-report.ts';
import { PANEL_KINDS, type PanelKind } from './requests.ts';
import { type ServerSummary, summariseServer } from './serving-summary.ts';
import { rawCells, SERVER_COLUMNS, serverCells } from './serving-table.ts';
import { measureStage3Rounds, type Stage3Round } from './stage3-rounds.ts';
import { median } from './statistics.ts';
import { formatTable } from './table.ts';

const THREADS = 2;
const ROUNDS = 3;
/** A batch takes a second and more here: a window must hold a few. */
const WINDOW_FACTOR = 4;
const AIMS = { ofRaw: 0.95 } as const;

interface KindSummary {
  readonly panel: PanelKind;
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerSummary;
}

/** What HTTP costs where encoders are of full size. */
export async function benchStage3(home: string, windowSeconds: number): Promise<void> {
  const seconds = WINDOW_FACTOR * windowSeconds;
  const environment = { ...serviceEnvironment(THREADS), PANELVEC_HOME: home, PANELVEC_MODELS: STAGE3_BASE };
  const { maxBatch: batch } = readConfig(environment);
  await using children = new Children(environment);
  process.stderr.write(`stage3, ${THREADS} threads: ${ROUNDS} rounds of ${seconds} s windows\n`);
  const rounds = await measureStage3Rounds(children, { rounds: ROUNDS, seconds, batch });
  const results = PANEL_KINDS.map((kind) => summarise(kind, rounds));
  const rows = [['panels', 'contestant', ...SERVER_COLUMNS], ...results.flatMap(rowsOf)];
  const aims = `aim: panelvec ${AIMS.ofRaw} of raw or more; rounds: ${results.map(describeRounds).join(', ')}`;
  const report = { part: 'stage3', threads: THREADS, seconds, rounds: ROUNDS, aims: AIMS, results };
  printReport([...formatTable(rows), aims], report);
}

function summarise(panel: PanelKind, rounds: readonly Stage3Round[]): KindSummary {
  const roundsOfKind = rounds.map((round) => round[panel]);
  return {
    panel,
    rawPanelsPerSecond: median(roundsOfKind.map(({ rawPanelsPerSecond }) => rawPanelsPerSecond)),
    panelvec: summariseServer(roundsOfKind, ({ panelvec }) => panelvec),
  };
}

function rowsOf({ panel, rawPanelsPerSecond, panelvec }: KindSummary): string[][] {
  return [
    [panel, 'raw loop', ...rawCells(rawPanelsPerSecond)],
    [panel, 'panelvec', ...serverCells(panelvec)],
  ];
}

function describeRounds({ panel, panelvec }: KindSummary): string {
  return `${panel} ${formatRange(panelvec.ofRawByRound, 3)}`;
}
