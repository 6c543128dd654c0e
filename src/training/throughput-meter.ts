/** Panels per second, of the last steps more than of those before. */
const SMOOTHING = 0.9;

export class ThroughputMeter {
  panelsPerSecond = 0;
  #lastTime = performance.now();

  recordPanels(panels: number): void {
    const now = performance.now();
    const rate = (panels * 1000) / Math.max(now - this.#lastTime, 1e-3);
    this.panelsPerSecond =
      this.panelsPerSecond === 0 ? rate : SMOOTHING * this.panelsPerSecond + (1 - SMOOTHING) * rate;
    this.#lastTime = now;
  }
}
