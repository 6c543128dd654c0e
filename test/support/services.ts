import { type Logger, pino } from 'pino';
import { type Config, type Environment, readConfig } from '../../src/config.ts';
import { type RunningService, serve } from '../../src/http/serve.ts';
import { createServices, type Services } from '../../src/services.ts';

export const silent: Logger = pino({ level: 'silent' });

/** The configuration of a test: one thread, a free port, the CPU, and no jobs unless the test is about them. */
export function testConfig(environment: Environment = {}): Config {
  return readConfig({
    PORT: '0',
    PANELVEC_PROVIDER: 'cpu',
    PANELVEC_THREADS: '1',
    PANELVEC_JOBS: 'off',
    ...environment,
  });
}

export function startService(environment: Environment = {}): Promise<RunningService> {
  return serve(testConfig(environment), silent);
}

export function startServices(environment: Environment = {}): Promise<Services> {
  return createServices(testConfig(environment), silent);
}
