import type { PanelvecError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { EnginePool } from './engine-pool.ts';
import { UseCounter } from './use-counter.ts';

/** What the service knows of one model: how its engines come, work and leave. */
export interface ModelEntry {
  readonly model: Model;
  readonly uses: UseCounter;
  isRegistered: boolean;
  isPinned: boolean;
  /** Bytes that the bound counts: estimated, then measured. 0 where the model is not in memory */
  bytes: number;
  /** Undefined while it is not warm */
  pool: EnginePool | undefined;
  starting: EnginePool | undefined;
  /** Its engines are ending. */
  leaving: EnginePool | undefined;
  loading: Promise<EnginePool> | undefined;
  unloading: Promise<void> | undefined;
  failure: { readonly error: PanelvecError; readonly time: number } | undefined;
}

/** A model that is neither registered nor in memory. */
export function createEntry(model: Model): ModelEntry {
  return {
    model,
    uses: new UseCounter(),
    isRegistered: false,
    isPinned: false,
    bytes: 0,
    pool: undefined,
    starting: undefined,
    leaving: undefined,
    loading: undefined,
    unloading: undefined,
    failure: undefined,
  };
}
