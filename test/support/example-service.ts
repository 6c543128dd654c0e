import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CollectionResponse } from '../../src/http/routes/collections/collection-schemas.ts';
import { type ServiceProcess, spawnService } from './service-process.ts';
import { makeTinyModel } from './tiny-model.ts';
import { waitFor } from './wait-for.ts';

const INDEX_TIMEOUT_MS = 200_000;

export interface ExampleService extends ServiceProcess {
  stop(): Promise<void>;
}

/**
 * Starts a service as `npm start` does on a fresh clone, in a home of its own. Resolves when the example pages are a collection.
 * The model `tiny` is fast and finds nothing meaningful; `compact` is the one that users get.
 */
export async function startExampleService(
  model: 'tiny' | 'compact',
  environment: Record<string, string> = {},
): Promise<ExampleService> {
  const home = model === 'tiny' ? (await makeTinyModel()).home : await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  const removeHome = () => rm(home, { recursive: true, force: true });
  let service: ServiceProcess;
  try {
    service = await spawnService({
      PANELVEC_HOME: home,
      PANELVEC_MODELS: model,
      PANELVEC_JOBS: 'on',
      PANELVEC_SEARCH: 'on',
      PANELVEC_EXAMPLE_COLLECTION: 'on',
      PANELVEC_WORKERS: '1',
      LOG_LEVEL: 'info',
      ...environment,
    });
  } catch (error) {
    await removeHome();
    throw error;
  }
  const stop = async () => {
    service.child.kill('SIGTERM');
    await service.exited;
    await removeHome();
  };
  try {
    await waitFor('the example pages to be a collection', () => hasCollection(service.address), INDEX_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...service, stop };
}

async function hasCollection(address: string): Promise<boolean> {
  const response = await fetch(`${address}/v1/collections`);
  const { data } = (await response.json()) as { data: CollectionResponse[] };
  return data.length > 0;
}
