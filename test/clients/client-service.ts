import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runPanelvec } from '../support/run-panelvec.ts';
import { spawnService } from '../support/service-process.ts';
import { waitFor } from '../support/wait-for.ts';

export const EXAMPLES = path.join(import.meta.dirname, '../../examples');
const INDEX_TIMEOUT_MS = 200_000;

/** A service as the clients of the project meet it: with `compact`, the example pages as a collection, jobs, and a key. */
export interface ClientService {
  readonly address: string;
  readonly apiKey: string;
  readonly home: string;
  stop(): Promise<void>;
}

export async function startClientService(): Promise<ClientService> {
  const home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  const { address, child, exited } = await spawnService({
    PANELVEC_HOME: home,
    PANELVEC_MODELS: 'compact',
    PANELVEC_JOBS: 'on',
    PANELVEC_SEARCH: 'on',
    PANELVEC_EXAMPLE_COLLECTION: 'on',
    PANELVEC_DATA_ROOTS: EXAMPLES,
    LOG_LEVEL: 'info',
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(home, { recursive: true, force: true });
  };
  try {
    await waitFor('the example pages to be a collection', () => hasCollection(address), INDEX_TIMEOUT_MS);
    const key = await runPanelvec(['keys', 'create', '--name', 'client', '--scopes', 'admin'], { PANELVEC_HOME: home });
    assert.equal(key.code, 0, key.stderr);
    return { address, apiKey: key.stdout.trim(), home, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function hasCollection(address: string): Promise<boolean> {
  const response = await fetch(`${address}/v1/collections`);
  const { data } = (await response.json()) as { data: unknown[] };
  return data.length > 0;
}
