import { totalmem } from 'node:os';
import { PanelvecError } from '../errors.ts';
import type { Model } from '../model/model.ts';

/** Node and the libraries of an engine process, and the activations of a small model: measured (docs/decisions/0026). */
const ENGINE_BYTES = 192 * 2 ** 20;
/** ONNX Runtime packs weights again for its products, and the file is in memory while it is read. */
const WEIGHTS_FACTOR = 2;

/** What models take of the memory, or will take. */
export interface ModelMemory {
  readonly id: string;
  readonly bytes: number;
}

/** Memory that the engines of a model will take, before any has started. */
export function estimateBytes({ spec }: Model, engines: number): number {
  const fileBytes = Object.values(spec.files).reduce((sum, { bytes }) => sum + bytes, 0);
  return engines * (ENGINE_BYTES + WEIGHTS_FACTOR * fileBytes);
}

/** Half of the memory of this machine, or of what a container may use of it. */
export function defaultModelsMemoryBytes(): number {
  // 0, or a number beyond all memory, where nothing constrains the process.
  const constrained = process.constrainedMemory();
  return Math.floor(Math.min(totalmem(), constrained || Number.POSITIVE_INFINITY) / 2);
}

/**
 * Chooses which models must leave so that another fits: as few as possible, in the order given.
 * @param leaving models that may leave, the first to leave first
 * @throws PanelvecError model_too_large
 */
export function chooseLeaving(
  needed: ModelMemory,
  staying: readonly ModelMemory[],
  leaving: readonly ModelMemory[],
  maxBytes: number,
): string[] {
  let total = [needed, ...staying, ...leaving].reduce((sum, { bytes }) => sum + bytes, 0);
  const chosen: string[] = [];
  for (const { id, bytes } of leaving) {
    if (total <= maxBytes) break;
    total -= bytes;
    chosen.push(id);
  }
  if (total <= maxBytes) return chosen;
  const others = staying.map(({ id, bytes }) => `${id} ${toMegabytes(bytes)}`).join(', ');
  const problem = `model ${needed.id} needs about ${toMegabytes(needed.bytes)}`;
  const limit = `PANELVEC_MODELS_MEMORY_BYTES allows ${toMegabytes(maxBytes)} for all models`;
  throw new PanelvecError('model_too_large', `${problem}; ${limit}${others && `, and these stay: ${others}`}`);
}

function toMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
