import type { AdamWNumbers } from './adamw.ts';
import type { Kernels } from './kernels.ts';

/** Elements that a thread takes at a time: sums of these pieces, in their order, do not depend on who computed which. */
export const PIECE = 1 << 16;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** What the threads of an optimiser have in common. */
export interface Shared {
  /** Values, gradients, first and second moments, one behind the other, `length` floats each */
  readonly memory: WebAssembly.Memory;
  readonly length: number;
  /** A sum of squares for each piece of the gradients */
  readonly sums: Float64Array;
  /** How many orders were given; how many threads have finished the last */
  readonly control: Int32Array;
  /** The order itself, as numbers: what to do, then what an update needs */
  readonly order: Float64Array;
}

export const ORDERS = { stop: 0, sums: 1, update: 2 } as const;
export const CONTROL = { given: 0, finished: 1 } as const;
/** What to do, begin and end of the elements, numbers of AdamW */
export const ORDER_NUMBERS = 12;

export function writeUpdate(order: Float64Array, begin: number, end: number, numbers: AdamWNumbers): void {
  order.set([ORDERS.update, begin, end, ...numbers]);
}

/** One thread's share of the order: every `threads`-th piece, from its own number on. */
export function doShare(kernels: Kernels, shared: Shared, thread: number, threads: number): void {
  const { length, sums, order } = shared;
  const arrayBytes = length * BYTES;
  if (order[0] === ORDERS.sums) {
    for (let piece = thread; piece < sums.length; piece += threads) {
      const [begin, end] = [piece * PIECE, Math.min(length, (piece + 1) * PIECE)];
      sums[piece] = kernels.squareSum(arrayBytes + begin * BYTES, arrayBytes + end * BYTES);
    }
    return;
  }
  const [, begin, end, ...numbers] = order as unknown as [number, number, number, ...AdamWNumbers];
  for (let from = begin + thread * PIECE; from < end; from += threads * PIECE) {
    const at = from * BYTES;
    const to = Math.min(end, from + PIECE) * BYTES;
    kernels.adamw(at, arrayBytes + at, 2 * arrayBytes + at, 3 * arrayBytes + at, to, ...numbers);
  }
}
