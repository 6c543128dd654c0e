import path from 'node:path';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { CollectionDatabase } from '../../collections/collection-database.ts';
import type { Config } from '../../config.ts';
import type { ServedModel } from '../../embedding/served-model.ts';
import { ServedModels } from '../../embedding/served-models.ts';
import { readableFolders } from '../../example-pages.ts';
import { openFeatureCache } from '../../feature-cache/feature-cache.ts';
import { findModel, modelRoots } from '../../model/model-folders.ts';
import type { Resources } from '../job-kind.ts';
import { LocalEngines } from './local-engines.ts';
import type { RemoteEngines } from './shared-engines.ts';

/** Enough that no engine waits for a page to be read and decoded. */
const MAX_PAGES_IN_WORK = 8;

/** The resources of a worker, closed when it ends. */
export interface WorkerResources extends Resources {
  close(): Promise<void>;
}

/** Opens the resources of a worker. Uses the service's engines for models that it shares, and starts its own for others. */
export async function openResources(
  config: Config,
  remoteEngines: RemoteEngines | undefined,
  log: Logger,
): Promise<WorkerResources> {
  const features = await openFeatureCache({
    folder: path.join(config.home, 'features'),
    maxBytes: config.maxFeaturesBytes,
    log,
  });
  const models = new Map<string, Promise<ServedModel>>();
  const collections = new CollectionDatabase(config, log);
  const localEngines = new LocalEngines(config, log);

  const loadModel = (id: string): Promise<ServedModel> => {
    const known = models.get(id);
    if (known) return known;
    const load = async () => {
      const name = (await remoteEngines?.find(id))?.folder ?? (await findModelName(id, config));
      return (await ServedModels.load([name], config.home)).find(id);
    };
    const loading = load();
    models.set(id, loading);
    // A failure is not cached: its cause may be gone at the next attempt.
    loading.catch(() => models.delete(id));
    return loading;
  };

  return {
    home: config.home,
    dataRoots: readableFolders(config),
    imageLimits: config,
    features,
    collections,
    engines: { ...config, threads: config.engines * config.threads },
    tracking:
      config.mlflowTrackingUri === undefined
        ? undefined
        : { uri: config.mlflowTrackingUri, experiment: config.mlflowExperiment, token: config.mlflowToken },
    pageLimit: pLimit(MAX_PAGES_IN_WORK),
    decodeLimit: pLimit(config.decodeThreads),
    loadModel,
    async openModel(id) {
      const servedModel = await loadModel(id);
      const { space } = servedModel.model;
      const shared = await remoteEngines?.find(id);
      if (remoteEngines !== undefined && shared?.space === space) {
        return { servedModel, engines: remoteEngines, [Symbol.dispose]: () => {} };
      }
      const { engines, release } = await localEngines.acquire(servedModel.model);
      return { servedModel, engines, [Symbol.dispose]: release };
    },
    async close() {
      await localEngines.stop();
      await features.close();
      await collections.stop();
    },
  };
}

/** The name under which a model is found: as PANELVEC_MODELS has it, which may be a folder, else the name in its id. */
async function findModelName(id: string, { models, home }: Config): Promise<string> {
  for (const name of models) {
    const model = await findModel(name, modelRoots(home)).catch(() => undefined);
    if (model?.id === id) return name;
  }
  return id.slice(0, id.lastIndexOf('@'));
}
