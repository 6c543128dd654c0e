import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { runtimeFolder } from '../../src/database/runtime-folder.ts';
import { elementAt } from '../../src/util/arrays.ts';
import { JobClient } from '../jobs/job-service.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { printProgress } from '../runner/report.ts';
import { readEventLoopP99Ms, serviceEnvironment, startService } from '../runner/service.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { measureLatency, type SearchLatency, TOP_K } from './measure-searches.ts';
import type { PanelVectors } from './panel-vectors.ts';
import { panelIdOf } from './synthetic-collection.ts';
import { writeSyntheticStore } from './synthetic-store.ts';

const SEARCHED_PANELS = 10_000;
const CALLERS = [1, 16] as const;
const WORDS = ['a harbour at night', 'two people talk in a kitchen', 'an explosion', 'a cat on a roof'];

/** How a service answers searches, and how long its event loop is held up meanwhile. */
export interface ServiceWindow extends SearchLatency {
  readonly searched: number;
  /** Whether a collection is indexed meanwhile */
  readonly indexing: boolean;
  readonly callers: number;
  readonly eventLoopP99Ms: number;
}

export interface ServiceResult {
  readonly windows: readonly ServiceWindow[];
  /** From the submission of the index job of the large collection to its end */
  readonly indexSeconds: number;
}

/**
 * Searches a small collection through the API while a large one is indexed, then the large one. Half of the searches are by words,
 * which the model embeds, and half by a stored panel.
 */
export async function measureService(vectors: PanelVectors, panels: number, seconds: number): Promise<ServiceResult> {
  using folder = new TemporaryFolder();
  const home = path.join(folder.path, 'home');
  using _jobsFolder = new TemporaryFolder(runtimeFolder(home));
  using _collectionsFolder = new TemporaryFolder(runtimeFolder(path.join(home, 'collections')));
  mkdirSync(home);
  const settings = { PANELVEC_JOBS: 'on', PANELVEC_SEARCH: 'on', PANELVEC_EXAMPLE_COLLECTION: 'off', DATABASE_URL: '' };
  await using children = new ChildProcesses({ ...serviceEnvironment(1), ...settings, PANELVEC_HOME: home });
  const { address } = await startService(children);
  const space = await readSpace(address);
  const searched = Math.min(SEARCHED_PANELS, panels);
  await writeSyntheticStore(home, 'small', vectors, searched, space);
  await writeSyntheticStore(home, 'large', vectors, panels, space);
  const jobs = new JobClient(address);
  const index = (store: string) => jobs.submit({ type: 'index', store, output: store });
  printProgress(`  indexing ${searched} panels`);
  await jobs.waitForSuccess(await index('small'));
  const measure = (collection: string, size: number, indexing: boolean) =>
    measureWindows(address, { collection, searched: size, indexing, seconds });
  const without = await measure('small', searched, false);
  printProgress(`  searching while ${panels} panels are indexed`);
  const start = performance.now();
  const job = await index('large');
  const beside = await measure('small', searched, true);
  await jobs.waitForSuccess(job);
  const indexSeconds = (performance.now() - start) / 1000;
  const large = await measure('large', panels, false);
  return { windows: [...without, ...beside, ...large], indexSeconds };
}

interface WindowSettings {
  readonly collection: string;
  readonly searched: number;
  readonly indexing: boolean;
  readonly seconds: number;
}

async function measureWindows(
  address: string,
  { collection, searched, indexing, seconds }: WindowSettings,
): Promise<ServiceWindow[]> {
  const windows: ServiceWindow[] = [];
  const bodies = makeBodies(collection, searched);
  for (const callers of CALLERS) {
    await readEventLoopP99Ms(address);
    const latency = await measureLatency((body) => postSearch(address, body), bodies, callers, seconds);
    windows.push({ searched, indexing, callers, ...latency, eventLoopP99Ms: await readEventLoopP99Ms(address) });
  }
  return windows;
}

function makeBodies(collection: string, panels: number): string[] {
  return Array.from({ length: 200 }, (_, i) => {
    const panel = panelIdOf(Math.floor((i * panels) / 200));
    const query = i % 2 === 0 ? { panel } : { text: `${elementAt(WORDS, (i >> 1) % WORDS.length)} ${i}` };
    return JSON.stringify({ collection, top_k: TOP_K, ...query });
  });
}

async function postSearch(address: string, body: string): Promise<void> {
  const response = await fetch(new URL('/v1/search', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`/v1/search: ${response.status} ${text}`);
}

async function readSpace(address: string): Promise<{ model: string; space: string }> {
  const { data } = (await (await fetch(new URL('/v1/models', address))).json()) as {
    data: readonly { id: string; space: string }[];
  };
  const { id, space } = elementAt(data, 0);
  return { model: id, space };
}
