import type { AdamWArguments } from './adamw.ts';
import type { Kernels } from './kernels.ts';

/** Elements that a thread takes at a time: sums of these pieces, in their order, do not depend on who computed which. */
export const CHUNK_LENGTH = 1 << 16;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** What the threads of an optimiser have in common. */
export interface SharedState {
  /** Values, gradients, first and second moments, one behind the other, `length` floats each */
  readonly memory: WebAssembly.Memory;
  readonly length: number;
  /** A sum of squares for each piece of the gradients */
  readonly sums: Float64Array;
  /** How many orders were given; how many threads have finished the last */
  readonly control: Int32Array;
  /** The order itself, as numbers: what to do, then what an update needs */
  readonly command: Float64Array;
}

export const COMMANDS = { stop: 0, squareSums: 1, update: 2 } as const;
export const CONTROL = { issued: 0, finished: 1 } as const;
/** What to do, begin and end of the elements, numbers of AdamW */
export const COMMAND_LENGTH = 12;

export function writeUpdateCommand(
  command: Float64Array,
  begin: number,
  end: number,
  stepArguments: AdamWArguments,
): void {
  command.set([COMMANDS.update, begin, end, ...stepArguments]);
}

/** One thread's share of the order: every `threads`-th piece, from its own number on. */
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
