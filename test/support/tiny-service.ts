import { after, before } from 'node:test';
import type { Environment } from '../../src/config.ts';
import type { RunningService } from '../../src/http/server.ts';
import { startService } from './in-process-service.ts';
import { makeTinyModel } from './tiny-model.ts';

/** A service with the model `tiny`. Its fields are there once the tests of a file run. */
export interface TinyService extends RunningService {
  /** The home that has the model */
  readonly home: string;
  /** The folder of the model */
  readonly folder: string;
}

/** Starts a service with the model `tiny` before the tests of a file, unless all of them are skipped, and stops it after them. */
export function useTinyService(environment: Environment = {}, { skipped = false } = {}): TinyService {
  const service = {} as TinyService;
  if (skipped) return service;
  let tiny: Awaited<ReturnType<typeof makeTinyModel>> | undefined;
  before(async () => {
    tiny = await makeTinyModel();
    const { home, folder } = tiny;
    const running = await startService({ PANELVEC_HOME: home, PANELVEC_MODELS: 'tiny', ...environment });
    Object.assign(service, running, { home, folder });
  });
  after(async () => {
    await service.close?.();
    await tiny?.remove();
  });
  return service;
}
