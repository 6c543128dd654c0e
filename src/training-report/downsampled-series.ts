/** A picture has some hundred columns of pixels: more stretches than this only make the file larger. */
const MAX_BUCKETS = 500;
/** The moving average takes this part of the whole series around each place. */
const WINDOW_FRACTION = 1 / 25;

/** Where a line has nothing to draw, `y` is null: a gap. */
export type Point = readonly [x: number, y: number | null];

interface Bucket {
  readonly x: number;
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
 * A series of any length in bounded memory, for drawing. It is kept as stretches of equally many values, of which the lowest,
 * the highest and the mean are known; when there are too many, each two become one. So no spike is lost.
 */
export class DownsampledSeries {
  #buckets: Bucket[] = [];
  #valuesPerBucket = 1;
  #valuesInLastBucket = 0;
  #length = 0;
  #firstX = 0;
  #lastX = 0;
  #summary: SeriesSummary | null = null;

  /** Values given so far, those that are no numbers among them. */
  get length(): number {
    return this.#length;
  }

  get firstX(): number {
    return this.#firstX;
  }

  get lastX(): number {
    return this.#lastX;
  }

  /** Of the finite values; null where there is none. */
  get summary(): SeriesSummary | null {
    return this.#summary;
  }

  /** @param x does not fall from call to call */
  add(x: number, value: number): void {
    if (this.#length === 0) this.#firstX = x;
    this.#lastX = x;
    this.#length++;
    const bucket = makeBucket(x, value);
    if (this.#valuesInLastBucket > 0 && this.#valuesInLastBucket < this.#valuesPerBucket) {
      this.#buckets.push(mergeBuckets(this.#buckets.pop()!, bucket));
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

  /** The line: two points a stretch, of its lowest and its highest value, or one where they are the same. */
  points(): readonly Point[] {
    return this.#buckets.flatMap(({ lowest, highest }) => {
      if (lowest[0] === highest[0]) return [lowest];
      return lowest[0] < highest[0] ? [lowest, highest] : [highest, lowest];
    });
  }

  /** The mean of what lies around each place. */
  movingAverage(): readonly Point[] {
    const radius = Math.floor((this.#buckets.length * WINDOW_FRACTION) / 2);
    return this.#buckets.map(({ x, count }, i) => {
      if (count === 0) return [x, null];
      const window = this.#buckets.slice(Math.max(0, i - radius), i + radius + 1);
      const sum = window.reduce((total, bucket) => total + bucket.sum, 0);
      return [x, sum / window.reduce((total, bucket) => total + bucket.count, 0)];
    });
  }

  /** MAX_STRETCHES is even and all are full: none stays alone. */
  #mergePairs(): void {
    this.#buckets = Array.from({ length: MAX_BUCKETS / 2 }, (_, i) =>
      mergeBuckets(this.#buckets[2 * i]!, this.#buckets[2 * i + 1]!),
    );
    this.#valuesPerBucket *= 2;
  }
}

function makeBucket(x: number, value: number): Bucket {
  const isFiniteValue = Number.isFinite(value);
  const point: Point = [x, isFiniteValue ? value : null];
  return { x, count: isFiniteValue ? 1 : 0, sum: isFiniteValue ? value : 0, lowest: point, highest: point };
}

/** What is no number counts for nothing beside what is one. Of equal values the ends stay, so that a level line is as long. */
function mergeBuckets(left: Bucket, right: Bucket): Bucket {
  if (right.count === 0) return left;
  if (left.count === 0) return right;
  return {
    x: left.x,
    count: left.count + right.count,
    sum: left.sum + right.sum,
    lowest: right.lowest[1]! < left.lowest[1]! ? right.lowest : left.lowest,
    highest: right.highest[1]! >= left.highest[1]! ? right.highest : left.highest,
  };
}
