import type { ChosenProvider } from '../onnxruntime/provider.ts';
import type { EngineItem, EngineResult, EngineSettings } from './engine-types.ts';

/** Panels of one model that run together. */
export interface EngineBatch {
  readonly model: string;
  readonly items: readonly EngineItem[];
}

export interface BatchResult {
  /** In the order of the items */
  readonly results: readonly EngineResult[];
  /** Time that the engine worked on the batch */
  readonly seconds: number;
}

/** What an engine process can be asked over its pipe. */
export type EngineMethods = {
  /** Loads and warms all models. */
  start(settings: EngineSettings): ChosenProvider;
  run(batch: EngineBatch): BatchResult;
};
