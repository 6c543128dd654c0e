import type { ServerSummary, ThreadsSummary } from './serving-summary.ts';

/** Of the columns that `serverCells` and `rawCells` fill. */
export const SERVER_COLUMNS = ['panels/s', 'of raw', '/health/live p99', 'event loop p99'] as const;

export function servingRows(summaries: readonly ThreadsSummary[]): string[][] {
  return [['threads', 'contestant', ...SERVER_COLUMNS], ...summaries.flatMap(rowsOf)];
}

function rowsOf({ threads, rawPanelsPerSecond, panelvec, plain }: ThreadsSummary): string[][] {
  return [
    [String(threads), 'raw loop', ...rawCells(rawPanelsPerSecond)],
    [String(threads), 'panelvec', ...serverCells(panelvec)],
    [String(threads), 'plain server', ...serverCells(plain)],
  ];
}

export function rawCells(panelsPerSecond: number): string[] {
  return [panelsPerSecond.toFixed(1), '1.000', '', ''];
}

export function serverCells({ panelsPerSecond, ofRaw, liveP99Ms, eventLoopP99Ms }: ServerSummary): string[] {
  return [
    panelsPerSecond.toFixed(1),
    ofRaw.toFixed(3),
    `${liveP99Ms.toFixed(1)} ms`,
    `${eventLoopP99Ms.toFixed(1)} ms`,
  ];
}
