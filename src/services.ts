import type { Logger } from 'pino';
import { CollectionDatabase } from './collections/collection-database.ts';
import type { Config } from './config.ts';
import { JOB_MIGRATIONS } from './database/migrations.ts';
import { ServiceDatabase } from './database/service-database.ts';
import { Embedder } from './embedding/embedder.ts';
import { ServedModels } from './embedding/served-models.ts';
import { EnginePool } from './inference/engine-pool.ts';
import { toPoolSettings } from './inference/pool-settings.ts';
import { Metrics } from './metrics/metrics.ts';

/** The tables of a service, in the order in which they are made. */
export const SERVICE_MIGRATIONS = [JOB_MIGRATIONS] as const;

/** What the HTTP routes and the commands share. The caller of `createServices` stops the pool, and starts and stops the databases. */
export interface Services {
  readonly config: Config;
  readonly models: ServedModels;
  readonly pool: EnginePool;
  readonly embedder: Embedder;
  readonly metrics: Metrics;
  /** Of jobs, models and keys */
  readonly database: ServiceDatabase;
  readonly collections: CollectionDatabase;
}

/** Loads the models of a configuration and warms the engines. @throws PanelvecError where any of them cannot run */
export async function createServices(config: Config, logger: Logger): Promise<Services> {
  const metrics = new Metrics();
  const models = await ServedModels.load(config.models, config.home, config.modelAliases);
  const pool = new EnginePool(toPoolSettings(config, models.all), metrics.pool, logger);
  await pool.start();
  const embedder = new Embedder(pool, config, metrics.embedding);
  const database = new ServiceDatabase(config, SERVICE_MIGRATIONS, logger);
  return { config, metrics, models, pool, embedder, database, collections: new CollectionDatabase(config, logger) };
}
