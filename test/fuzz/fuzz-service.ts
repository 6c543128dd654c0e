import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningProcess, readProcessTree } from '../support/process-tree.ts';
import { spawnService } from '../support/service-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { REQUEST_TIMEOUT_MS } from './check-outcome.ts';

/** A service with the example pages as its collection, in a process of its own. */
export interface FuzzService extends AsyncDisposable {
  readonly address: string;
  /** The id of a panel of the collection `examples` */
  readonly panelId: string;
  readonly processes: () => RunningProcess[];
  /** How it ended; undefined while it runs */
  readonly ending: () => string | undefined;
}

interface Status {
  readonly queue: { readonly waiting: number; readonly in_work: number; readonly texts_in_work: number };
  readonly totals: { readonly engine_restarts: number };
}

const EXAMPLES = path.join(import.meta.dirname, '../../examples');
const COLLECTION_TIMEOUT_MS = 600_000;
const IDLE_TIMEOUT_MS = 60_000;

export async function startFuzzService(environment: Record<string, string> = {}): Promise<FuzzService> {
  const home = await mkdtemp(path.join(tmpdir(), 'panelvec-fuzz-'));
  const { child, address, exited } = await spawnService({
    PANELVEC_HOME: home,
    PANELVEC_JOBS: 'on',
    PANELVEC_SEARCH: 'on',
    PANELVEC_EXAMPLE_COLLECTION: 'on',
    PANELVEC_DATA_ROOTS: EXAMPLES,
    PANELVEC_REQUEST_TIMEOUT_SECONDS: String(REQUEST_TIMEOUT_MS / 1000),
    DATABASE_URL: '',
    LOG_LEVEL: 'info',
    ...environment,
  });
  let ending: string | undefined;
  child.once('exit', (code, signal) => {
    ending = `the service ended with ${signal ?? code}`;
  });
  const panelId = await waitFor('the example collection', () => findPanel(address), COLLECTION_TIMEOUT_MS);
  return {
    address,
    panelId,
    processes: () => (child.pid === undefined ? [] : readProcessTree(child.pid)),
    ending: () => ending,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await (ending ?? exited ?? once(child, 'exit'));
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Waits until nothing is in work. Resolves with the number of engines that had to be replaced so far. */
export function waitUntilIdle(address: string): Promise<{ engineRestarts: number }> {
  return waitFor(
    'all accepted work to end',
    async () => {
      const response = await fetch(`${address}/v1/status`);
      const { queue, totals }: Status = JSON.parse(await response.text());
      const isIdle = queue.waiting + queue.in_work + queue.texts_in_work === 0;
      return isIdle ? { engineRestarts: totals.engine_restarts } : undefined;
    },
    IDLE_TIMEOUT_MS,
  );
}

async function findPanel(address: string): Promise<string | undefined> {
  const response = await fetch(`${address}/v1/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ collection: 'examples', text: 'a lighthouse' }),
  });
  if (!response.ok) return undefined;
  const { data }: { data: readonly { id: string }[] } = JSON.parse(await response.text());
  return data[0]?.id;
}
