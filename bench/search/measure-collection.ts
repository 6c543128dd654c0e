import { deleteCollection } from '../../src/collections/collection-records.ts';
import { median } from '../../src/util/arrays.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { printProgress } from '../runner/report.ts';
import { runRounds } from '../runner/rounds.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { type FilledCollection, fillCollection } from './fill-collection.ts';
import {
  findIds,
  measureLatency,
  recallOf,
  type SearchLatency,
  summariseLatencies,
  TOP_K,
} from './measure-searches.ts';
import { NumpyScan } from './numpy-scan.ts';
import type { PanelVectors } from './panel-vectors.ts';
import { openSearchDatabase } from './search-database.ts';
import type { DatabaseKind, SearchBenchOptions } from './search-options.ts';
import { panelIdOf } from './synthetic-collection.ts';

const ROUNDS = 3;
const CALLERS = [1, 16] as const;

/** Searches by so many callers at a time, and scans beside them, in the same rounds. */
export interface CallersResult {
  readonly callers: number;
  readonly search: SearchLatency;
  readonly scan: SearchLatency;
  /** Median of the rounds' ratios of the p50 of a scan to that of a search */
  readonly faster: number;
  readonly fasterByRound: readonly number[];
}

export interface CollectionResult extends Omit<FilledCollection, 'collection'> {
  readonly kind: DatabaseKind;
  readonly panels: number;
  /** Share of the ten nearest panels, by NumPy, that searches find */
  readonly recall: number;
  readonly latencies: readonly CallersResult[];
}

/** Fills a collection, and searches it in turn with a scan of the same vectors. */
export async function measureCollection(
  kind: DatabaseKind,
  panels: number,
  vectors: PanelVectors,
  { url, python, seconds, queries }: SearchBenchOptions,
): Promise<CollectionResult> {
  using folder = new TemporaryFolder();
  await using children = new ChildProcesses();
  await using opened = await openSearchDatabase(kind, url);
  const { database } = opened;
  const { collection, ...filled } = await fillCollection(database, vectors, panels);
  const settings = { python, folder: folder.path, topK: TOP_K };
  const scan = await NumpyScan.start(children, settings, vectors, { panels, queries });
  const queryVectors = Array.from({ length: queries }, (_, index) => vectors.query(index));
  const nearest = (await scan.nearestRows()).map((rows) => rows.map(panelIdOf));
  const found: string[][] = [];
  for (const vector of queryVectors) found.push(await findIds(database, collection, vector));
  const latencies: CallersResult[] = [];
  for (const callers of CALLERS) {
    printProgress(`  ${callers} at a time`);
    latencies.push(
      await compareWithScan(callers, {
        search: () => measureLatency((vector) => findIds(database, collection, vector), queryVectors, callers, seconds),
        scan: async () => summariseLatencies(await scan.measureLatencies(callers, seconds), seconds),
      }),
    );
  }
  await deleteCollection(database, collection.name);
  return { kind, panels, ...filled, recall: recallOf(found, nearest), latencies };
}

interface ComparedPrograms {
  search(): Promise<SearchLatency>;
  scan(): Promise<SearchLatency>;
}

async function compareWithScan(callers: number, programs: ComparedPrograms): Promise<CallersResult> {
  const rounds = await runRounds(ROUNDS, async () => ({
    search: await programs.search(),
    scan: await programs.scan(),
  }));
  const fasterByRound = rounds.map(({ search, scan }) => scan.p50Ms / search.p50Ms);
  return {
    callers,
    search: medianLatency(rounds.map(({ search }) => search)),
    scan: medianLatency(rounds.map(({ scan }) => scan)),
    faster: median(fasterByRound),
    fasterByRound,
  };
}

function medianLatency(rounds: readonly SearchLatency[]): SearchLatency {
  const medianOf = (key: keyof SearchLatency) => median(rounds.map((round) => round[key]));
  return { perSecond: medianOf('perSecond'), p50Ms: medianOf('p50Ms'), p99Ms: medianOf('p99Ms') };
}
