import type { Logger } from 'pino';
import { ACCESS_MIGRATIONS } from './access/access-migrations.ts';
import { ApiKeys } from './access/api-keys.ts';
import { Audit } from './access/audit.ts';
import { AUDIT_MIGRATIONS } from './access/audit-records.ts';
import { Limits } from './access/limits.ts';
import { CollectionDatabase } from './collections/collection-database.ts';
import type { Config } from './config.ts';
import { DatabaseProcess } from './database/embedded/database-process.ts';
import { EMBEDDED_KINDS } from './database/embedded/embedded-kinds.ts';
import { JOB_MIGRATIONS } from './database/migrations.ts';
import { ServiceDatabase } from './database/service-database.ts';
import { Embedder } from './embedding/embedder.ts';
import type { EmbeddingObserver } from './embedding/embedding-observer.ts';
import { ServedModels } from './embedding/served-models.ts';
import { WorkPrices } from './embedding/work-prices.ts';
import { ImageFetcher } from './image-urls/image-fetcher.ts';
import { ModelPools } from './inference/model-pools.ts';
import { EvaluationRecords } from './jobs/evaluate/evaluation-records.ts';
import { Metrics } from './metrics/metrics.ts';
import { ModelRegistry } from './model-registry/model-registry.ts';
import { REGISTRY_MIGRATIONS } from './model-registry/registry-migrations.ts';
import { ALIAS_MIGRATIONS } from './promotion/alias-migrations.ts';
import { CanaryWatch } from './promotion/canary-watch.ts';
import { DriftMonitor } from './promotion/drift.ts';
import { Promotions } from './promotion/promotions.ts';

/** The tables of a service, in the order in which they are made. */
export const SERVICE_MIGRATIONS = [
  JOB_MIGRATIONS,
  REGISTRY_MIGRATIONS,
  ALIAS_MIGRATIONS,
  ACCESS_MIGRATIONS,
  AUDIT_MIGRATIONS,
] as const;

/** What the HTTP routes and the commands share. The caller of `createServices` stops the pool; one that serves starts and stops the rest. */
export interface Services {
  readonly config: Config;
  readonly models: ServedModels;
  readonly pool: ModelPools;
  readonly embedder: Embedder;
  readonly metrics: Metrics;
  readonly imageFetcher: ImageFetcher;
  /** Of jobs, models and keys */
  readonly database: ServiceDatabase;
  readonly keys: ApiKeys;
  readonly collections: CollectionDatabase;
  readonly registry: ModelRegistry;
  readonly promotions: Promotions;
  readonly canaryWatch: CanaryWatch;
  readonly drift: DriftMonitor;
  /** Written to `database`: stops before it */
  readonly audit: Audit;
  /** Of keys. Written to `database`: stops before it */
  readonly limits: Limits;
}

/** Loads the models of a configuration and warms the engines. @throws PanelvecError where any of them cannot run */
export async function createServices(config: Config, logger: Logger): Promise<Services> {
  const metrics = new Metrics();
  const models = await ServedModels.load(config.models, config.home, config.modelAliases);
  const prices = new WorkPrices();
  const pool = new ModelPools(config, { ...metrics.pool, recordWork: (...run) => prices.recordRun(...run) }, logger);
  try {
    await loadModels(pool, models);
  } catch (error) {
    await pool.stop();
    throw error;
  }
  const canaryWatch = new CanaryWatch(metrics.canaries, logger);
  const embedder = new Embedder(pool, config, watchOutcomes(metrics.embedding, canaryWatch), prices);
  const databaseProcess = createDatabaseProcess(config, logger);
  const database = new ServiceDatabase(config, SERVICE_MIGRATIONS, logger, databaseProcess);
  const keys = new ApiKeys(config, database, logger);
  const collections = new CollectionDatabase(config, logger, databaseProcess);
  const audit = new Audit(database, logger);
  const limits = new Limits(database, metrics, logger);
  const evaluations = new EvaluationRecords(database.database, config.home);
  const registry = new ModelRegistry({ ...config, database, evaluations }, logger);
  const promotions = new Promotions({ config, models, pool, database, collections, registry, audit }, logger);
  canaryWatch.connect(promotions);
  const drift = new DriftMonitor({ config, pool, models, registry }, logger);
  const imageFetcher = new ImageFetcher(config, metrics.imageFetches);
  const shared = { config, metrics, imageFetcher, models, pool, embedder };
  return { ...shared, database, audit, limits, keys, collections, registry, promotions, canaryWatch, drift };
}

/** A process for the embedded databases of a service that has both: it takes a third less memory than two. */
function createDatabaseProcess({ search }: Config, logger: Logger): DatabaseProcess | undefined {
  return search === 'on' ? new DatabaseProcess(EMBEDDED_KINDS.collections.nodeOptions, logger) : undefined;
}

/** Loads the models that there is room for; the others come when they are asked for. What an alias means stays. */
async function loadModels(pool: ModelPools, models: ServedModels): Promise<void> {
  for (const model of models.all) {
    const isDefault = model === models.defaultModel;
    pool.register(model, { isPinned: isDefault || models.aliasesOf(model).length > 0 });
    if (isDefault || (await pool.hasRoomFor(model))) await pool.load(model);
  }
}

/** An observer from which the watch of canaries hears what the metrics record. */
function watchOutcomes(observer: EmbeddingObserver, canaryWatch: CanaryWatch): EmbeddingObserver {
  return {
    ...observer,
    recordOutcome: (panel) => {
      observer.recordOutcome(panel);
      canaryWatch.recordOutcome(panel);
    },
    recordRequest: (request) => {
      observer.recordRequest(request);
      canaryWatch.recordRequest(request);
    },
  };
}
