import { totalmem } from 'node:os';
import { PanelvecError } from '../errors.ts';
import { type Model, modelFilePath } from '../model/model.ts';
import { readSafetensorsHeader } from '../weights/safetensors-reader.ts';

/** Node, the libraries of an engine process, and the activations of a batch: measured (docs/decisions/0026). */
const ENGINE_BYTES = 160 * 2 ** 20;
/** ONNX Runtime keeps weights a second time, packed for its products. */
const WEIGHTS_FACTOR = 1.75;
/** Weights are computed with in float32, whatever the file holds. */
const WEIGHT_BYTES = 4;

/** What models take of the memory, or will take. */
export interface ModelMemory {
  readonly id: string;
  readonly bytes: number;
}

/** Memory that the engines of a model will take, before any has started. */
export async function estimateBytes(model: Model, engines: number): Promise<number> {
  const sizes = await Promise.all(
    Object.entries(model.spec.files).map(([name, { bytes }]) =>
      // What is wrong with a file is told by who loads it.
      name.endsWith('.safetensors') ? countWeightBytes(modelFilePath(model, name)).catch(() => bytes) : bytes,
    ),
  );
  return engines * (ENGINE_BYTES + WEIGHTS_FACTOR * sizes.reduce((sum, bytes) => sum + bytes, 0));
}

async function countWeightBytes(file: string): Promise<number> {
  const { entries } = await readSafetensorsHeader(file);
  const counts = [...entries.values()].map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  return WEIGHT_BYTES * counts.reduce((sum, count) => sum + count, 0);
}

/** Half of the memory of this machine, or of what a container may use of it. */
export function defaultModelsMemoryBytes(): number {
  // 0, or a number beyond all memory, where nothing constrains the process.
  const constrained = process.constrainedMemory();
  return Math.floor(Math.min(totalmem(), constrained || Number.POSITIVE_INFINITY) / 2);
}

/**
 * Chooses which models must leave so that another fits: as few as possible, in the order given. A model that stays alone may exceed the
 * bound, because a service without any model is of no use.
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
  if (total <= maxBytes || staying.length === 0) return chosen;
  const others = staying.map(({ id, bytes }) => `${id} ${toMegabytes(bytes)}`).join(', ');
  const problem = `model ${needed.id} needs about ${toMegabytes(needed.bytes)}`;
  const limit = `PANELVEC_MODELS_MEMORY_BYTES allows ${toMegabytes(maxBytes)} for all models`;
  throw new PanelvecError('model_too_large', `${problem}; ${limit}${others && `, and these stay: ${others}`}`);
}

function toMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
