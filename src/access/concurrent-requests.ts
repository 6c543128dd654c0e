import { PanelvecError } from '../errors.ts';
import type { KeyLimits, LimitObserver } from './key-limits.ts';

const RETRY_AFTER_SECONDS = 1;

/** Bounds the requests of a key that one service answers at the same time. */
export class ConcurrentRequests {
  readonly #observer: LimitObserver;
  /** By key */
  readonly #counts = new Map<string, number>();

  constructor(observer: LimitObserver) {
    this.#observer = observer;
  }

  /** Counts a request until the returned function is called. @throws PanelvecError rate_limited */
  begin(keyId: string, { maxConcurrent }: Pick<KeyLimits, 'maxConcurrent'>): () => void {
    if (maxConcurrent === null) return () => {};
    const count = this.#counts.get(keyId) ?? 0;
    if (count >= maxConcurrent) {
      this.#observer.recordLimited('concurrent');
      const message = `${count} requests with this key are in work already, the limit is ${maxConcurrent}`;
      throw new PanelvecError('rate_limited', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    this.#counts.set(keyId, count + 1);
    return () => {
      const left = (this.#counts.get(keyId) ?? 1) - 1;
      if (left > 0) this.#counts.set(keyId, left);
      else this.#counts.delete(keyId);
    };
  }
}
