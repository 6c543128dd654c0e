import { TransientError } from './hub-error.ts';

/** Aborts its signal when nothing came for too long. To be disposed of, or it keeps the process alive. */
export class StallWatch implements Disposable {
  readonly signal: AbortSignal;
  readonly #stalled = new AbortController();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#stalled.signal]);
    this.#timeoutMs = timeoutMs;
    this.beat();
  }

  /** Something came. */
  beat(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#stalled.abort(new TransientError(`nothing came for ${this.#timeoutMs / 1000} s`));
    }, this.#timeoutMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
