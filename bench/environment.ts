import type { Environment } from '../src/config.ts';

/** Settings of the service, and of a raw loop beside it, on the CPU with so many threads. */
export function serviceEnvironment(threads: number): Environment {
  return {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    PANELVEC_PROVIDER: 'cpu',
    PANELVEC_JOBS: 'off',
    PANELVEC_THREADS: String(threads),
  };
}
