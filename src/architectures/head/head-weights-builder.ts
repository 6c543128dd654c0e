import { SeededRandom } from '../../util/seeded-random.ts';
import type { Tensor } from '../../weights/tensor.ts';

/** Collects the weights of a head by their keys. What is drawn depends on the seed alone. */
export class HeadWeightsBuilder {
  readonly tensors = new Map<string, Tensor>();
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  set(key: string, shape: readonly number[], values: ArrayLike<number>): void {
    this.tensors.set(key, { dtype: 'float32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) });
  }

  /** @param rows of the matrix (out, in) */
  linear(prefix: string, rows: readonly Float64Array[], bias: ArrayLike<number> = new Float64Array(rows.length)): void {
    this.set(
      `${prefix}.weight`,
      [rows.length, rows[0]?.length ?? 0],
      rows.flatMap((row) => [...row]),
    );
    this.set(`${prefix}.bias`, [rows.length], bias);
  }

  orthonormal(prefix: string, out: number, inputs: number): void {
    this.linear(prefix, this.#random.orthonormal(out, inputs));
  }

  constant(prefix: string, out: number, inputs: number, bias: readonly number[]): void {
    this.linear(
      prefix,
      Array.from({ length: out }, () => new Float64Array(inputs)),
      bias,
    );
  }

  /** x -> [P x; -P x] for an orthonormal P, whose columns are divided by `std` */
  signedPair(prefix: string, half: number, inputs: number, std: readonly number[] = []): void {
    const rows = this.#random
      .orthonormal(half, inputs)
      .map((row) => row.map((value, column) => value / (std[column] ?? 1)));
    this.linearPair(prefix, rows, new Float64Array(half));
  }

  /** x -> [a; -a] for a = M x + b, with the rows of M */
  linearPair(prefix: string, rows: readonly Float64Array[], bias: Float64Array): void {
    const negatives = rows.map((row) => row.map((value) => -value));
    // 0 - 0 is 0, where -0 would be another byte.
    this.linear(prefix, [...rows, ...negatives], Float64Array.of(...bias, ...bias.map((value) => 0 - value)));
  }

  /** [a; -a] -> Q a for an orthonormal Q */
  unpair(prefix: string, out: number, half: number): void {
    this.linearUnpair(prefix, this.#random.orthonormal(out, half));
  }

  /** [a; -a] -> Q a, with the rows of Q */
  linearUnpair(prefix: string, rows: readonly Float64Array[]): void {
    this.linear(
      prefix,
      rows.map((row) => Float64Array.of(...row, ...row.map((value) => -value))),
    );
  }

  /** [a; -a] -> [O a; -O a] for an orthonormal O */
  pairToPair(prefix: string, half: number): void {
    const rows = this.#random.orthonormal(half, half).map((row) => Float64Array.of(...row, ...row.map((v) => -v)));
    this.linear(prefix, [...rows, ...rows.map((row) => row.map((value) => -value))]);
  }

  norm(prefix: string, width: number): void {
    this.set(`${prefix}.weight`, [width], new Float64Array(width).fill(1));
    this.set(`${prefix}.bias`, [width], new Float64Array(width));
  }

  batchNorm(prefix: string, width: number, mean: ArrayLike<number> = new Float64Array(width)): void {
    this.norm(prefix, width);
    this.set(`${prefix}.running_mean`, [width], mean);
    this.set(`${prefix}.running_var`, [width], new Float64Array(width).fill(1));
  }

  /** Output of a linear layer without its bias */
  multiply(prefix: string, x: readonly number[]): Float64Array {
    const tensor = this.tensors.get(`${prefix}.weight`);
    if (tensor === undefined) throw new Error(`${prefix}.weight is not set`);
    const weight = new Float32Array(tensor.bytes.buffer);
    return Float64Array.from({ length: weight.length / x.length }, (_, row) =>
      weight
        .subarray(row * x.length, (row + 1) * x.length)
        .reduce((sum, value, column) => sum + value * (x[column] ?? 0), 0),
    );
  }
}
