import { type AdamWState, type AdamWStep, adamw } from './adamw.ts';
import { PIECE, squareSum } from './square-sum.ts';

/** What the threads of an optimiser have in common: numbers that all of them see. */
export interface Shared {
  readonly state: AdamWState;
  /** A sum of squares for each piece of the gradients */
  readonly sums: Float64Array;
  /** How many orders were given; how many threads have finished the last */
  readonly control: Int32Array;
  /** The order itself, as numbers: what to do, then what an update needs. See `Order` */
  readonly order: Float64Array;
}

export const ORDERS = { stop: 0, sums: 1, update: 2 } as const;
export const CONTROL = { given: 0, finished: 1 } as const;
/** Numbers of an update: of AdamW, then begin and end of the elements that have this learning rate */
export const ORDER_NUMBERS = 10;

export function writeUpdate(order: Float64Array, step: AdamWStep, begin: number, end: number): void {
  const { beta1, beta2, epsilon, weightDecay, scale, rate, step: count } = step;
  order.set([ORDERS.update, beta1, beta2, epsilon, weightDecay, scale, rate, count, begin, end]);
}

/** One thread's share of the order: every `threads`-th piece, from its own number on. */
export function doShare({ state, sums, order }: Shared, thread: number, threads: number): void {
  const { length } = state.gradients;
  if (order[0] === ORDERS.sums) {
    for (let piece = thread; piece < sums.length; piece += threads) {
      sums[piece] = squareSum(state.gradients, piece * PIECE, Math.min(length, (piece + 1) * PIECE));
    }
    return;
  }
  const [, beta1, beta2, epsilon, weightDecay, scale, rate, step, begin, end] = order as unknown as number[];
  const options = { beta1, beta2, epsilon, weightDecay, scale, rate, step } as AdamWStep;
  for (let from = begin! + thread * PIECE; from < end!; from += threads * PIECE) {
    adamw(state, options, from, Math.min(end!, from + PIECE));
  }
}
