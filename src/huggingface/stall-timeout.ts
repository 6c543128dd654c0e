import { TransientError } from './hub-error.ts';

/** Aborts its signal when nothing came for too long. To be disposed of, or it keeps the process alive. */
export class StallTimeout implements Disposable {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, outerSignal: AbortSignal) {
    this.signal = AbortSignal.any([outerSignal, this.#controller.signal]);
    this.#timeoutMs = timeoutMs;
    this.restart();
  }

  /** Something came. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TransientError(`nothing came for ${this.#timeoutMs / 1000} s`));
    }, this.#timeoutMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
