import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { firstLine, PanelvecError } from '../errors.ts';
import { indexExamples } from '../jobs/index-examples.ts';
import { Jobs } from '../jobs/jobs.ts';
import { growHeapFreely } from '../process/heap-growth.ts';
import { releaseMemoryAtRest } from '../process/release-memory.ts';
import { createServices, type Services } from '../services.ts';
import { waitForAll } from '../util/wait-for-all.ts';
import { createApp } from './app.ts';
import { startLivenessServer } from './liveness/liveness-server.ts';

/** A service that accepts requests. */
export interface RunningService {
  readonly address: string;
  readonly app: FastifyInstance;
  readonly services: Services;
  /** Refuses new requests, completes the accepted ones, then stops the engines. */
  close(): Promise<void>;
}

/** Starts the service. It listens only once its engines are warm, so that its first response is as fast as any. */
export async function serve(config: Config, logger: Logger): Promise<RunningService> {
  growHeapFreely();
  const services = await createServices(config, logger);
  const { pool, database, keys, limits, collections, registry, promotions, drift } = services;
  const jobs = new Jobs(config, services, logger);
  try {
    const app = await createApp(services, jobs, logger);
    await waitForAll([database.start(), collections.start()]);
    await keys.start();
    await Promise.all([limits.start(), registry.start()]);
    // Before the door opens: the first request must find what was chosen last.
    await promotions.start();
    drift.start();
    await jobs.start();
    jobs.startWorkers(pool);
    const address = await listen(app, config);
    const liveness =
      config.healthPort === undefined ? undefined : await startLivenessServer(config.host, config.healthPort);
    await indexExamples(config, jobs, services, logger);
    const stopReleasing = releaseMemoryAtRest({
      readProgress: () => services.metrics.totals.items + services.embedder.features.stats.hits,
    });
    const close = async () => {
      stopReleasing();
      await Promise.all([app.close(), jobs.stopWorkers()]);
      await stopServices(services);
      await liveness?.close();
    };
    return { address, app, services, close };
  } catch (error) {
    await jobs.stopWorkers();
    await stopServices(services);
    throw error;
  }
}

/** The end of the engines also ends the loads that promotions may wait for. */
async function stopServices(services: Services): Promise<void> {
  const { pool, promotions, drift, registry, keys, audit, limits, database, collections } = services;
  await Promise.all([pool.stop(), promotions.stop(), drift.stop(), registry.stop(), keys.stop()]);
  await Promise.all([audit.stop(), limits.stop()]);
  await Promise.all([database.stop(), collections.stop()]);
}

/** @throws PanelvecError naming the settings, if the system does not let the app listen there */
async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const message = `cannot listen with HOST=${host} and PORT=${port}: ${firstLine(cause)}`;
    throw new PanelvecError('config_invalid', message, { cause });
  }
}
