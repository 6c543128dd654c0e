import type { EngineItem, EngineResult } from './engine-types.ts';

/** Engines that compute panels for a job: those of this process, or those of the service that started it. */
export interface BulkEngines {
  /** Gives way to requests, and waits as long as they last. @throws PanelvecError as ModelPools.run */
  runBulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult>;
}
