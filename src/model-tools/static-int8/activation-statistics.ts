import type { Activation } from '../../graph/quantise/quantisation.ts';
import { elementAt } from '../../util/arrays.ts';
import { leastSquaresRange } from './least-squares-range.ts';

/** Ways to choose the range of an activation: values outside are clipped, and what is inside is told apart more finely. */
export const RANGE_METHODS = ['min-max', 'percentile 99.99', 'least squares'] as const;
export type RangeMethod = (typeof RANGE_METHODS)[number];

const BINS = 2048;
/** Of all values, what `percentile 99.99` cuts off at each end */
const CUT_SHARE = 1e-4;

/** What is seen of one activation over many pictures. Its range is observed first, then its histogram. */
export class ActivationStatistics {
  readonly #channelSums: Float64Array;
  readonly #histogram = new Float64Array(BINS);
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(channels: number) {
    this.#channelSums = new Float64Array(channels);
  }

  get isFinite(): boolean {
    return Number.isFinite(this.#min) && Number.isFinite(this.#max) && this.#channelSums.every(Number.isFinite);
  }

  /** Observes the range of values (1, channels, …). */
  observeRange(values: Float32Array): void {
    const size = values.length / this.#channelSums.length;
    for (let channel = 0; channel < this.#channelSums.length; channel++) {
      let sum = 0;
      for (let i = channel * size; i < (channel + 1) * size; i++) {
        const value = values[i] as number;
        sum += value;
        if (value < this.#min) this.#min = value;
        if (value > this.#max) this.#max = value;
      }
      this.#channelSums[channel] = elementAt(this.#channelSums, channel) + sum;
    }
    this.#count += size;
  }

  /** Observes values that lie within the range. */
  observeHistogram(values: Float32Array): void {
    const factor = BINS / (this.#max - this.#min || 1);
    for (let i = 0; i < values.length; i++) {
      const bin = Math.min(BINS - 1, Math.floor(((values[i] as number) - this.#min) * factor));
      this.#histogram[bin] = (this.#histogram[bin] as number) + 1;
    }
  }

  /** The activation, with its range as a method chooses it. */
  toActivation(method: RangeMethod): Activation {
    return { ...this.#range(method), channelMeans: this.#channelSums.map((sum) => sum / this.#count) };
  }

  #range(method: RangeMethod): { readonly min: number; readonly max: number } {
    const whole = { min: this.#min, max: this.#max };
    if (method === 'min-max' || this.#min === this.#max) return whole;
    if (method === 'least squares') return leastSquaresRange(this.#histogram, whole);
    return this.#percentileRange(CUT_SHARE);
  }

  /** Cuts off a share of the values at each end. */
  #percentileRange(share: number): { readonly min: number; readonly max: number } {
    const cut = share * this.#histogram.reduce((total, count) => total + count, 0);
    const skip = (counts: Float64Array) => {
      let total = 0;
      return counts.findIndex((count) => {
        total += count;
        return total > cut;
      });
    };
    const width = (this.#max - this.#min) / BINS;
    const [first, last] = [skip(this.#histogram), skip(this.#histogram.toReversed())];
    return { min: this.#min + first * width, max: this.#max - last * width };
  }
}
