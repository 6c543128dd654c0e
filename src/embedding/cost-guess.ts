import type { Priority } from '../inference/priority.ts';

/** How much one request changes the averages */
const LEARNING_RATE = 0.05;
/** Of a request of which nothing is known: a picture, or a few texts */
const START_COST = 0.01;
/** A larger body may hold one large picture as well as many panels, so its size says only so much. */
const MIN_SIZE_RATIO = 0.5;
const MAX_SIZE_RATIO = 4;

/** What a kind of requests takes: the routes of texts alone are one, those that take pictures another. */
export type RequestKind = 'texts' | 'pictures';

interface Averages {
  bytes: number;
  cost: number;
  /** Share of requests with the priority `batch` */
  batch: number;
}

/** Guesses what a request costs before its body is read, from its length and what those before it cost. */
export class CostGuess {
  readonly #averages = new Map<RequestKind, Averages>();

  record(kind: RequestKind, bytes: number, cost: number, priority: Priority): void {
    const batch = priority === 'batch' ? 1 : 0;
    const average = this.#averages.get(kind);
    if (average === undefined) this.#averages.set(kind, { bytes, cost, batch });
    else {
      average.bytes += LEARNING_RATE * (bytes - average.bytes);
      average.cost += LEARNING_RATE * (cost - average.cost);
      average.batch += LEARNING_RATE * (batch - average.batch);
    }
  }

  guessPriority(kind: RequestKind): Priority {
    return (this.#averages.get(kind)?.batch ?? 0) > 0.5 ? 'batch' : 'interactive';
  }

  guess(kind: RequestKind, bytes: number): number {
    const average = this.#averages.get(kind);
    if (average === undefined) return START_COST;
    const ratio = bytes / Math.max(1, average.bytes);
    return average.cost * Math.min(MAX_SIZE_RATIO, Math.max(MIN_SIZE_RATIO, ratio));
  }
}
