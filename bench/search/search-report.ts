import { formatRange, formatTable, printReport, verdict } from '../runner/report.ts';
import type { CollectionResult } from './measure-collection.ts';
import type { SearchLatency } from './measure-searches.ts';
import type { ServiceResult } from './measure-service.ts';

const AIMS = {
  recall: 0.98,
  embedded: { panels: 100_000, p99Ms: 50 },
  server: { panels: 1_000_000, faster: 10 },
  eventLoopP99Ms: 20,
} as const;

const FILL_COLUMNS = ['database', 'panels', 'rows/s', 'index s', 'rows MB', 'HNSW MB', 'other MB', 'recall@10'];
const SEARCH_COLUMNS = ['database', 'panels', 'callers', 'p50', 'p99', '/s', 'NumPy p50', 'p99', '/s', 'faster'];

/** @param basePanels how many panels the vectors were made of */
export function printSearchReport(results: readonly CollectionResult[], basePanels: number): void {
  const lines = [
    ...formatTable([FILL_COLUMNS, ...results.map(toFillRow)]),
    '',
    ...formatTable([SEARCH_COLUMNS, ...results.flatMap(toSearchRows)]),
    '',
    ...results.flatMap(toVerdicts),
  ];
  printReport(lines, { part: 'search', basePanels, aims: AIMS, results });
}

function toFillRow({ kind, panels, recall, ...filled }: CollectionResult): string[] {
  const { writeSeconds, indexSeconds, rowsMegabytes, vectorIndexMegabytes, otherIndexesMegabytes } = filled;
  const numbers = [panels / writeSeconds, indexSeconds, rowsMegabytes, vectorIndexMegabytes, otherIndexesMegabytes];
  return [kind, String(panels), ...numbers.map((value) => value.toFixed(0)), recall.toFixed(4)];
}

function toSearchRows({ kind, panels, latencies }: CollectionResult): string[][] {
  return latencies.map(({ callers, search, scan, faster, fasterByRound }) => [
    kind,
    String(panels),
    String(callers),
    ...toCells(search),
    ...toCells(scan),
    `${faster.toFixed(1)}x (${formatRange(fasterByRound, 1)})`,
  ]);
}

function toCells({ p50Ms, p99Ms, perSecond }: SearchLatency): string[] {
  return [`${p50Ms.toFixed(1)} ms`, `${p99Ms.toFixed(1)} ms`, perSecond.toFixed(0)];
}

const SERVICE_COLUMNS = ['searched', 'indexing', 'callers', 'p50', 'p99', '/s', 'event loop p99'];

export function printServiceReport({ windows, indexSeconds }: ServiceResult): void {
  const rows = windows.map(({ searched, indexing, callers, eventLoopP99Ms, ...latency }) => [
    String(searched),
    indexing ? 'yes' : 'no',
    String(callers),
    ...toCells(latency),
    `${eventLoopP99Ms.toFixed(1)} ms`,
  ]);
  const worst = Math.max(...windows.map(({ eventLoopP99Ms }) => eventLoopP99Ms));
  const aim = `event loop delay p99 under ${AIMS.eventLoopP99Ms} ms: ${verdict(AIMS.eventLoopP99Ms, worst)}`;
  const lines = [...formatTable([SERVICE_COLUMNS, ...rows]), `index job: ${indexSeconds.toFixed(0)} s`, aim];
  printReport(lines, { part: 'search', of: 'service', aims: AIMS, windows, indexSeconds });
}

/** What the aims say of the first, one caller at a time. */
function toVerdicts({ kind, panels, recall, latencies: [alone] }: CollectionResult): string[] {
  const { embedded, server } = AIMS;
  if (alone === undefined || panels !== AIMS[kind].panels) return [];
  const recallLine = `recall of ${AIMS.recall} with ${panels} panels, ${kind}: ${verdict(recall, AIMS.recall)}`;
  const speedLine =
    kind === 'embedded'
      ? `p99 under ${embedded.p99Ms} ms: ${verdict(embedded.p99Ms, alone.search.p99Ms)}`
      : `${server.faster} times as fast as NumPy: ${verdict(alone.faster, server.faster)}`;
  return [recallLine, speedLine];
}
