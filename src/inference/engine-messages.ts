import type { ChosenProvider } from '../onnxruntime/provider.ts';
import type { EngineItem, EngineResult, EngineSettings } from './engine-types.ts';
import type { PixelRegion } from './pixel-file.ts';

/** The message of a panel that cannot be computed for lack of memory, whatever runs beside it. */
export const PANEL_DOES_NOT_FIT = 'the panel does not fit into the memory of the engine';

/** A panel as a message has it. */
export interface SentItem extends Omit<EngineItem, 'pixels'> {
  /** A region where they are in the pixel file of the engine */
  readonly pixels: EngineItem['pixels'] | PixelRegion;
}

/** Panels that run together. */
export interface EngineBatch {
  readonly items: readonly SentItem[];
  /** Whether the result shall have the times of the parts: a request of it is traced */
  readonly wantsPartSeconds?: boolean;
}

/** What an engine does with a batch, one after the other. */
export type EnginePart = 'vision' | 'text' | 'composition' | 'fusion' | 'zero_shot';
export type PartSeconds = Partial<Record<EnginePart, number>>;

/** What an engine says when it is warm. */
export interface EngineStart extends ChosenProvider {
  readonly residentBytes: number;
}

export interface BatchResult {
  /** In the order of the items */
  readonly results: readonly EngineResult[];
  /** Time that the engine worked on the batch */
  readonly seconds: number;
  /** Memory of the process after the batch */
  readonly residentBytes: number;
  /** How often the batch, or a part of it, was halved because memory did not suffice */
  readonly halvings: number;
  /** Where they were asked for */
  readonly partSeconds?: PartSeconds;
}

/** What an engine process can be asked over its pipe. */
export type EngineMethods = {
  /** Loads and warms the model. */
  start(settings: EngineSettings): EngineStart;
  run(batch: EngineBatch): BatchResult;
};
