import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { createServices, type Services } from '../services.ts';
import { createApp } from './app.ts';

/** A service that listens. */
export interface RunningService {
  readonly address: string;
  readonly app: FastifyInstance;
  readonly services: Services;
  /** Answers what was accepted, then ends the engines. */
  close(): Promise<void>;
}

/** Warm first, then listen: whoever can connect is answered at full speed. */
export async function serve(config: Config, logger: Logger): Promise<RunningService> {
  const services = await createServices(config, logger);
  try {
    const app = await createApp(services, logger);
    const address = await app.listen({ host: config.host, port: config.port });
    const close = async () => {
      await app.close();
      await services.pool.stop();
    };
    return { address, app, services, close };
  } catch (error) {
    await services.pool.stop();
    throw error;
  }
}
