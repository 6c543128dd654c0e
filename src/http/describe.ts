import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { Embedder } from '../embedding/embedder.ts';
import { ServedModels } from '../embedding/served-models.ts';
import { EnginePool } from '../inference/engine-pool.ts';
import { Metrics } from '../metrics/metrics.ts';
import { createApp } from './app.ts';

/** The OpenAPI document, from the routes alone: no model is loaded and no engine runs. */
export async function describeService(): Promise<object> {
  const config = readConfig({});
  const logger = pino({ level: 'silent' });
  const metrics = new Metrics();
  const pool = new EnginePool(
    { engines: [], queueTimeoutMs: 1, batchTimeoutMs: 1, startTimeoutMs: 1 },
    metrics.pool,
    logger,
  );
  const embedder = new Embedder(pool, config, metrics.embedding);
  const app = await createApp({ config, metrics, models: new ServedModels([]), pool, embedder }, logger);
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
