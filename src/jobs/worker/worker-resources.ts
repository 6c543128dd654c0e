import path from 'node:path';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { ServedModels } from '../../embedding/served-models.ts';
import { openFeatures } from '../../features/feature-cache.ts';
import { EnginePool, type PoolObserver } from '../../inference/engine-pool.ts';
import { poolSettings } from '../../inference/pool-settings.ts';
import { findModel, modelRoots } from '../../model/model-folders.ts';
import type { ComputedModel, Resources } from '../job-kind.ts';
import type { BorrowedEngines } from './engine-loan.ts';

/** Nobody measures a worker's own engines yet. */
const NOBODY: PoolObserver = { batch: () => {}, restart: () => {} };

/** Enough panels in work that no engine waits for a page to be read and decoded. */
const PAGES_IN_WORK = 8;

/** What a worker's tasks share, and what ends with it. */
export interface WorkerResources extends Resources {
  close(): Promise<void>;
}

/**
 * Engines are borrowed where the lender has the very same model, and started here otherwise: one pool at a time, that of
 * the model asked for last.
 */
export async function openResources(
  config: Config,
  borrowed: BorrowedEngines | undefined,
  log: Logger,
): Promise<WorkerResources> {
  const features = await openFeatures({
    folder: path.join(config.home, 'features'),
    maxBytes: config.maxFeaturesBytes,
    log,
  });
  const models = new Map<string, Promise<ComputedModel>>();
  let own: { readonly id: string; readonly pool: EnginePool } | undefined;

  const load = async (id: string): Promise<ComputedModel> => {
    const served = (await ServedModels.load([await nameOf(id, config)], config.home)).get(id);
    const { space } = served.model;
    const lent = borrowed?.models.some((model) => model.id === id && model.space === space);
    if (lent) return { served, engines: borrowed! };
    if (own !== undefined) {
      models.delete(own.id);
      await own.pool.stop();
    }
    const pool = new EnginePool(poolSettings(config, [served.model]), NOBODY, log);
    await pool.start();
    own = { id, pool };
    return { served, engines: pool };
  };

  return {
    home: config.home,
    dataRoots: config.dataRoots,
    imageLimits: config,
    features,
    pages: pLimit(PAGES_IN_WORK),
    decodes: pLimit(config.decodeThreads),
    model(id) {
      const known = models.get(id);
      if (known) return known;
      const loading = load(id);
      models.set(id, loading);
      // A failure is not kept: the cause may be gone when the task is tried again.
      loading.catch(() => models.delete(id));
      return loading;
    },
    async close() {
      await own?.pool.stop();
      await features.close();
    },
  };
}

/** What the model of an id is found by: as the service names it, which may be by its folder, or by its own name. */
async function nameOf(id: string, { models, home }: Config): Promise<string> {
  for (const name of models) {
    const model = await findModel(name, modelRoots(home)).catch(() => undefined);
    if (model?.id === id) return name;
  }
  return id.slice(0, id.lastIndexOf('@'));
}
