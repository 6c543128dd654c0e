import { after, before } from 'node:test';
import type { RunningService } from '../../src/http/server.ts';
import { startService } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

export interface TinyService {
  address: string;
  /** The home that has the model `tiny` */
  home: string;
}

/** Starts a service with the model `tiny` before the tests of a file, unless all of them are skipped, and stops it after them. */
export function useTinyService(skipped: boolean, environment: Record<string, string> = {}): TinyService {
  const tinyService: TinyService = { address: '', home: '' };
  if (skipped) return tinyService;
  let service: RunningService;
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  before(async () => {
    tiny = await makeTinyModel();
    service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny', ...environment });
    Object.assign(tinyService, { address: service.address, home: tiny.home });
  });
  after(async () => {
    await service.close();
    await tiny.remove();
  });
  return tinyService;
}
