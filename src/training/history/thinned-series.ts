/** A picture has some hundred columns of pixels: more stretches than this only make the file larger. */
const MAX_STRETCHES = 500;
/** The moving average takes this part of the whole series around each place. */
const WINDOW_PART = 1 / 25;

/** Where a line has nothing to draw, `y` is null: a gap. */
export type Point = readonly [x: number, y: number | null];

interface Stretch {
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
export class ThinnedSeries {
  #stretches: Stretch[] = [];
  #perStretch = 1;
  #inLast = 0;
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
    const stretch = stretchOf(x, value);
    if (this.#inLast > 0 && this.#inLast < this.#perStretch) {
      this.#stretches.push(joined(this.#stretches.pop()!, stretch));
      this.#inLast++;
    } else {
      if (this.#stretches.length === MAX_STRETCHES) this.#halve();
      this.#stretches.push(stretch);
      this.#inLast = 1;
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
  line(): readonly Point[] {
    return this.#stretches.flatMap(({ lowest, highest }) => {
      if (lowest[0] === highest[0]) return [lowest];
      return lowest[0] < highest[0] ? [lowest, highest] : [highest, lowest];
    });
  }

  /** The mean of what lies around each place. */
  movingAverage(): readonly Point[] {
    const reach = Math.floor((this.#stretches.length * WINDOW_PART) / 2);
    return this.#stretches.map(({ x, count }, at) => {
      if (count === 0) return [x, null];
      const around = this.#stretches.slice(Math.max(0, at - reach), at + reach + 1);
      const sum = around.reduce((total, stretch) => total + stretch.sum, 0);
      return [x, sum / around.reduce((total, stretch) => total + stretch.count, 0)];
    });
  }

  /** MAX_STRETCHES is even and all are full: none stays alone. */
  #halve(): void {
    this.#stretches = Array.from({ length: MAX_STRETCHES / 2 }, (_, at) =>
      joined(this.#stretches[2 * at]!, this.#stretches[2 * at + 1]!),
    );
    this.#perStretch *= 2;
  }
}

function stretchOf(x: number, value: number): Stretch {
  const finite = Number.isFinite(value);
  const point: Point = [x, finite ? value : null];
  return { x, count: finite ? 1 : 0, sum: finite ? value : 0, lowest: point, highest: point };
}

/** What is no number counts for nothing beside what is one. Of equal values the ends stay, so that a level line is as long. */
function joined(left: Stretch, right: Stretch): Stretch {
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
