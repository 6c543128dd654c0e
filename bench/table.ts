import type { ServerSummary, ThreadsSummary } from './summary.ts';

const COLUMNS = ['threads', 'contestant', 'panels/s', 'of raw', '/health/live p99', 'event loop p99'] as const;
const GAP = '  ';

export function table(summaries: readonly ThreadsSummary[]): string {
  const rows = [COLUMNS, ...summaries.flatMap(rowsOf)];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map((row) => row.map((cell, at) => cell.padStart(widths[at]!)).join(GAP)).join('\n');
}

function rowsOf({ threads, rawPanelsPerSecond, panelvec, plain }: ThreadsSummary): string[][] {
  return [
    [String(threads), 'raw loop', rawPanelsPerSecond.toFixed(1), '1.000', '', ''],
    [String(threads), 'panelvec', ...cellsOf(panelvec)],
    [String(threads), 'plain server', ...cellsOf(plain)],
  ];
}

function cellsOf({ panelsPerSecond, ofRaw, liveP99Ms, eventLoopP99Ms }: ServerSummary): string[] {
  return [
    panelsPerSecond.toFixed(1),
    ofRaw.toFixed(3),
    `${liveP99Ms.toFixed(1)} ms`,
    `${eventLoopP99Ms.toFixed(1)} ms`,
  ];
}
