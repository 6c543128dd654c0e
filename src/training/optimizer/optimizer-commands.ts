import type { AdamWArguments, Kernels } from './kernels.ts';

/** Elements of one chunk. Sums of chunks, in their order, do not depend on which thread computed which. */
export const CHUNK_LENGTH = 1 << 16;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Memory that the threads of an optimiser share. */
export interface SharedState {
  /** Values, gradients, first and second moments, one behind the other, `length` floats each */
  readonly memory: WebAssembly.Memory;
  readonly length: number;
  /** A sum of squares for each chunk of the gradients */
  readonly sums: Float64Array;
  /** How many commands were issued; how many threads have finished the last */
  readonly control: Int32Array;
  /** The last command: its number in COMMANDS, then its arguments */
  readonly command: Float64Array;
}

export const COMMANDS = { stop: 0, squareSums: 1, update: 2 } as const;
export const CONTROL = { issued: 0, finished: 1 } as const;
/** The command's number, begin and end of the elements, the kernel's nine arguments */
export const COMMAND_LENGTH = 12;

/** Options of AdamW that stay the same over a training. */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** PyTorch's defaults. */
export const ADAMW_DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

export interface AdamWStep extends AdamWOptions {
  /** Factor of the gradients: from clipping, and from the number of micro-batches that they were added up from */
  readonly scale: number;
  readonly learningRate: number;
  /** From 1 */
  readonly step: number;
}

/** Makes the next command a step of AdamW over the elements from `begin` to `end`. */
export function writeUpdateCommand(command: Float64Array, begin: number, end: number, step: AdamWStep): void {
  command.set([COMMANDS.update, begin, end, ...adamwArguments(step)]);
}

/**
 * AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) as torch.optim.AdamW computes it: decoupled weight decay on every
 * variable, moments corrected for their bias.
 */
function adamwArguments({ beta1, beta2, epsilon, weightDecay, scale, learningRate, step }: AdamWStep): AdamWArguments {
  const decayFactor = 1 - learningRate * weightDecay;
  const stepSize = learningRate / (1 - beta1 ** step);
  const inverseBiasCorrection2 = 1 / Math.sqrt(1 - beta2 ** step);
  return [scale, beta1, 1 - beta1, beta2, 1 - beta2, decayFactor, stepSize, inverseBiasCorrection2, epsilon];
}

/** Runs one thread's share of the last command: every `threads`-th chunk, from the thread's own number on. */
export function runThreadShare(kernels: Kernels, shared: SharedState, thread: number, threads: number): void {
  const { length, sums, command } = shared;
  const arrayBytes = length * BYTES;
  if (command[0] === COMMANDS.squareSums) {
    for (let chunk = thread; chunk < sums.length; chunk += threads) {
      const [begin, end] = [chunk * CHUNK_LENGTH, Math.min(length, (chunk + 1) * CHUNK_LENGTH)];
      sums[chunk] = kernels.squareSum(arrayBytes + begin * BYTES, arrayBytes + end * BYTES);
    }
    return;
  }
  // The layout is that of writeUpdateCommand; a typed array has no type for it.
  const [, begin, end, ...stepArguments] = command as unknown as [number, number, number, ...AdamWArguments];
  for (let start = begin + thread * CHUNK_LENGTH; start < end; start += threads * CHUNK_LENGTH) {
    const beginBytes = start * BYTES;
    const endBytes = Math.min(end, start + CHUNK_LENGTH) * BYTES;
    kernels.adamw(
      beginBytes,
      arrayBytes + beginBytes,
      2 * arrayBytes + beginBytes,
      3 * arrayBytes + beginBytes,
      endBytes,
      ...stepArguments,
    );
  }
}
