import { pino } from 'pino';
import { ApiKeys } from '../access/api-keys.ts';
import { Audit } from '../access/audit.ts';
import { Limits } from '../access/limits.ts';
import { CollectionDatabase } from '../collections/collection-database.ts';
import { readConfig } from '../config.ts';
import { ServiceDatabase } from '../database/service-database.ts';
import { Embedder } from '../embedding/embedder.ts';
import { ServedModels } from '../embedding/served-models.ts';
import { ImageFetcher } from '../image-urls/image-fetcher.ts';
import { ModelPools } from '../inference/model-pools.ts';
import { Jobs } from '../jobs/jobs.ts';
import { Metrics } from '../metrics/metrics.ts';
import { ModelRegistry } from '../model-registry/model-registry.ts';
import { CanaryWatch } from '../promotion/canary-watch.ts';
import { DriftMonitor } from '../promotion/drift.ts';
import { Promotions } from '../promotion/promotions.ts';
import { createApp } from './app.ts';

/** Builds the OpenAPI document from the routes alone: no model is loaded and no engine runs. */
export async function buildOpenapiDocument(): Promise<object> {
  const config = readConfig({ PANELVEC_JOBS: 'off' });
  const logger = pino({ level: 'silent' });
  const metrics = new Metrics();
  const pool = new ModelPools(config, metrics.pool, logger);
  const embedder = new Embedder(pool, config, metrics.embedding);
  const models = new ServedModels([]);
  const collections = new CollectionDatabase(config, logger);
  const database = new ServiceDatabase(config, [], logger);
  const keys = new ApiKeys(config, database, logger);
  const audit = new Audit(database, logger);
  const limits = new Limits(database, metrics, logger);
  const registry = new ModelRegistry({ ...config, database, evaluations: { list: async () => [] } }, logger);
  const promotions = new Promotions({ config, models, pool, database, collections, registry, audit }, logger);
  const canaryWatch = new CanaryWatch(metrics.canaries, logger);
  const drift = new DriftMonitor({ config, pool, models, registry }, logger);
  const services = {
    config,
    metrics,
    imageFetcher: new ImageFetcher(config, metrics.imageFetches),
    models,
    pool,
    embedder,
    database,
    audit,
    limits,
    keys,
    collections,
    registry,
    promotions,
    canaryWatch,
    drift,
  };
  const jobs = new Jobs(config, services, logger);
  const app = await createApp(services, jobs, logger);
  await app.ready();
  const document = app.swagger();
  await app.close();
  await database.stop();
  return document;
}
