/** A chart is some hundred pixels wide: more buckets than this only make the file larger. Even, so that all can be paired. */
const MAX_BUCKETS = 500;
/** The width of the moving average's window, as a fraction of the series. */
const WINDOW_FRACTION = 1 / 25;

/** A point of a line; `y` is null where the line has a gap. */
export type Point = readonly [x: number, y: number | null];

/** Some consecutive values. */
interface Bucket {
  readonly x: number;
  /** Finite values */
  readonly count: number;
  readonly sum: number;
  readonly lowest: Point;
  readonly highest: Point;
}

export interface SeriesSummary {
  readonly first: number;
  readonly last: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * A series of any length in bounded memory, for drawing. It is kept as buckets of equally many values, each with its lowest,
 * its highest and its mean. When there are too many buckets, each two are merged. So no spike is lost.
 */
export class DownsampledSeries {
  #buckets: Bucket[] = [];
  #valuesPerBucket = 1;
  #valuesInLastBucket = 0;
  #length = 0;
  #firstX = 0;
  #lastX = 0;
  #summary: SeriesSummary | null = null;

  /** The number of values that were added, those that are not finite included. */
  get length(): number {
    return this.#length;
  }

  get firstX(): number {
    return this.#firstX;
  }

  get lastX(): number {
    return this.#lastX;
  }

  /** The summary of the finite values; null without any. */
  get summary(): SeriesSummary | null {
    return this.#summary;
  }

  /** @param x does not fall from call to call */
  add(x: number, value: number): void {
    if (this.#length === 0) this.#firstX = x;
    this.#lastX = x;
    this.#length++;
    const bucket = makeBucket(x, value);
    const lastBucket = this.#buckets.at(-1);
    if (lastBucket !== undefined && this.#valuesInLastBucket < this.#valuesPerBucket) {
      this.#buckets[this.#buckets.length - 1] = mergeBuckets(lastBucket, bucket);
      this.#valuesInLastBucket++;
    } else {
      if (this.#buckets.length === MAX_BUCKETS) this.#mergePairs();
      this.#buckets.push(bucket);
      this.#valuesInLastBucket = 1;
    }
    if (!Number.isFinite(value)) return;
    this.#summary = {
      first: this.#summary?.first ?? value,
      last: value,
      lowest: Math.min(this.#summary?.lowest ?? value, value),
      highest: Math.max(this.#summary?.highest ?? value, value),
    };
  }

  /** The points of the line: the lowest and the highest of each bucket, or one where they are the same. */
  points(): readonly Point[] {
    return this.#buckets.flatMap(({ lowest, highest }) => {
      if (lowest[0] === highest[0]) return [lowest];
      return lowest[0] < highest[0] ? [lowest, highest] : [highest, lowest];
    });
  }

  /** The mean of the values around each bucket. */
  movingAverage(): readonly Point[] {
    const radius = Math.floor((this.#buckets.length * WINDOW_FRACTION) / 2);
    return this.#buckets.map(({ x, count }, i) => {
      if (count === 0) return [x, null];
      const window = this.#buckets.slice(Math.max(0, i - radius), i + radius + 1);
      const sum = window.reduce((total, bucket) => total + bucket.sum, 0);
      return [x, sum / window.reduce((total, bucket) => total + bucket.count, 0)];
    });
  }

  /** Halves the number of buckets, which are all full. */
  #mergePairs(): void {
    this.#buckets = this.#buckets.flatMap((right, i) => {
      const left = this.#buckets[i - 1];
      return left !== undefined && i % 2 === 1 ? [mergeBuckets(left, right)] : [];
    });
    this.#valuesPerBucket *= 2;
  }
}

function makeBucket(x: number, value: number): Bucket {
  const isFiniteValue = Number.isFinite(value);
  const point: Point = [x, isFiniteValue ? value : null];
  return { x, count: isFiniteValue ? 1 : 0, sum: isFiniteValue ? value : 0, lowest: point, highest: point };
}

/** A bucket without finite values counts for nothing. Of equal values the outer ones stay, so that a level line keeps its length. */
function mergeBuckets(left: Bucket, right: Bucket): Bucket {
  if (right.count === 0) return left;
  if (left.count === 0) return right;
  return {
    x: left.x,
    count: left.count + right.count,
    sum: left.sum + right.sum,
    lowest: isBelow(right.lowest, left.lowest) ? right.lowest : left.lowest,
    highest: isBelow(right.highest, left.highest) ? left.highest : right.highest,
  };
}

function isBelow([, a]: Point, [, b]: Point): boolean {
  return a !== null && b !== null && a < b;
}
