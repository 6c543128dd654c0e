import { type Logger, pino } from 'pino';
import { type Config, type Environment, readConfig } from '../../src/config.ts';
import { type RunningService, serve } from '../../src/http/server.ts';
import { createServices, type Services } from '../../src/services.ts';

export const silentLogger: Logger = pino({ level: 'silent' });

/** Configuration of a test: one thread, a free port, the CPU, and no jobs and no search unless the environment has them on. */
export function createTestConfig(environment: Environment = {}): Config {
  return readConfig({
    PORT: '0',
    PANELVEC_PROVIDER: 'cpu',
    PANELVEC_THREADS: '1',
    PANELVEC_JOBS: 'off',
    PANELVEC_SEARCH: 'off',
    PANELVEC_EXAMPLE_COLLECTION: 'off',
    // A busy machine must not decide which requests are refused.
    PANELVEC_MAX_WAIT_SECONDS: '600',
    ...environment,
  });
}

export function startService(environment: Environment = {}): Promise<RunningService> {
  return serve(createTestConfig(environment), silentLogger);
}

export function createTestServices(environment: Environment = {}): Promise<Services> {
  return createServices(createTestConfig(environment), silentLogger);
}
