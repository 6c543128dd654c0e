/** Counts what uses a thing, so that it is taken away between two uses. */
export class UseCounter {
  #uses = 0;
  #holds = 0;
  #lastUsedAt = performance.now();
  #waiting: (() => void)[] = [];

  /** Whether somebody uses it. Holds do not count. */
  get isUsed(): boolean {
    return this.#uses > 0;
  }

  /** Time of the last use, by `performance.now` */
  get lastUsedAt(): number {
    return this.#lastUsedAt;
  }

  /** Counts a use until the returned function is called. */
  use(): () => void {
    this.#uses++;
    this.#lastUsedAt = performance.now();
    return () => {
      this.#uses--;
      this.#lastUsedAt = performance.now();
      this.#notify();
    };
  }

  /** Keeps the thing until the returned function is called, without making it one that was used. */
  hold(): () => void {
    this.#holds++;
    return () => {
      this.#holds--;
      this.#notify();
    };
  }

  /** Resolves when nothing uses or holds it. What follows in the same turn of the event loop comes before the next use. */
  async waitUntilFree(): Promise<void> {
    while (this.#uses + this.#holds > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #notify(): void {
    if (this.#uses + this.#holds > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
