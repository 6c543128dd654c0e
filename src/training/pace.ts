/** Panels per second, of the last steps more than of those before. */
const SMOOTHING = 0.9;

export class Pace {
  perSecond = 0;
  #at = performance.now();

  note(panels: number): void {
    const now = performance.now();
    const rate = (panels * 1000) / Math.max(now - this.#at, 1e-3);
    this.perSecond = this.perSecond === 0 ? rate : SMOOTHING * this.perSecond + (1 - SMOOTHING) * rate;
    this.#at = now;
  }
}
