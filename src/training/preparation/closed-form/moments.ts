import { elementAt } from '../../../util/arrays.ts';

/** Rows that are multiplied together: fewer passes over the sums. */
const BLOCK_ROWS = 4;

/** Sums over rows of numbers, in float64: their count, and the sum of the rows. */
export class RowSums {
  count = 0;
  readonly sum: Float64Array;

  constructor(width: number) {
    this.sum = new Float64Array(width);
  }

  /** @param sum of some rows */
  add(sum: Float64Array, count: number): void {
    this.count += count;
    addTo(this.sum, sum);
  }
}

/** Sums over rows of numbers, in float64: their count, the sum of the rows x, and that of their products x x'. */
export class Moments {
  count = 0;
  readonly sum: Float64Array;
  /** (width, width), row by row; the upper triangle alone */
  readonly #products: Float64Array;
  #block: Float64Array[] = [];

  constructor(width: number) {
    this.sum = new Float64Array(width);
    this.#products = new Float64Array(width * width);
  }

  /** @param row is kept until some more have been added */
  add(row: Float64Array): void {
    this.count++;
    addTo(this.sum, row);
    this.#block.push(row);
    if (this.#block.length === BLOCK_ROWS) this.#flush();
  }

  /** The rows of the whole matrix of products. */
  products(): Float64Array[] {
    this.#flush();
    const width = this.sum.length;
    const get = (i: number, j: number) => elementAt(this.#products, Math.min(i, j) * width + Math.max(i, j));
    return Array.from({ length: width }, (_, i) => Float64Array.from({ length: width }, (__, j) => get(i, j)));
  }

  /** The variance of one number about a mean. */
  variance(index: number, mean: number): number {
    this.#flush();
    const products = elementAt(this.#products, index * this.sum.length + index);
    return products / this.count - mean ** 2;
  }

  #flush(): void {
    const width = this.sum.length;
    const products = this.#products;
    const empty = new Float64Array(width);
    const [a = empty, b = empty, c = empty, d = empty] = this.#block;
    for (let i = 0; i < width; i++) {
      const [ai, bi, ci, di] = [a[i]!, b[i]!, c[i]!, d[i]!];
      const offset = i * width;
      for (let j = i; j < width; j++) products[offset + j]! += ai * a[j]! + bi * b[j]! + ci * c[j]! + di * d[j]!;
    }
    this.#block = [];
  }
}

/** Sums of products x y' over pairs of rows, in float64. */
export class CrossMoments {
  readonly #widths: readonly [number, number];
  readonly #products: Float64Array;

  constructor(xWidth: number, yWidth: number) {
    this.#widths = [xWidth, yWidth];
    this.#products = new Float64Array(xWidth * yWidth);
  }

  add(x: Float64Array, y: Float64Array): void {
    const products = this.#products;
    for (let i = 0; i < x.length; i++) {
      const xi = x[i]!;
      const offset = i * y.length;
      for (let j = 0; j < y.length; j++) products[offset + j]! += xi * y[j]!;
    }
  }

  /** The rows of the matrix of products: one for each number of x. */
  products(): Float64Array[] {
    const [xWidth, yWidth] = this.#widths;
    return Array.from({ length: xWidth }, (_, i) => this.#products.slice(i * yWidth, (i + 1) * yWidth));
  }
}

export function addTo(sum: Float64Array, row: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += row[i]!;
}
