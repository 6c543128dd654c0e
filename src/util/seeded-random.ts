/** Seeded random numbers for weights (xorshift128), the same on every machine. */
export class SeededRandom {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = Uint32Array.of(seed ^ 0x9e3779b9, seed * 2654435761 + 1, 0x85ebca6b, 0xc2b2ae35);
    for (let i = 0; i < 32; i++) this.#next();
  }

  /** A number in (0, 1). */
  uniform(): number {
    return (this.#next() + 0.5) / 2 ** 32;
  }

  /** A number of the standard normal distribution (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A random (rows, columns) matrix with orthonormal rows; if there are more rows than columns, with orthonormal columns. */
  orthonormal(rows: number, columns: number): Float64Array[] {
    if (rows > columns) {
      const transposed = this.orthonormal(columns, rows);
      return Array.from({ length: rows }, (_, row) => Float64Array.from(transposed, (other) => other[row]!));
    }
    const basis: Float64Array[] = [];
    while (basis.length < rows) {
      const row = Float64Array.from({ length: columns }, () => this.normal());
      // The second pass removes what the first left because of rounding.
      for (let pass = 0; pass < 2; pass++) for (const other of basis) subtractProjection(row, other);
      const length = Math.sqrt(dot(row, row));
      basis.push(row.map((value) => value / length));
    }
    return basis;
  }

  #next(): number {
    const state = this.#state;
    let mixed = state[3]!;
    const first = state[0]!;
    state.copyWithin(1, 0, 3);
    mixed ^= mixed << 11;
    mixed ^= mixed >>> 8;
    state[0] = mixed ^ first ^ (first >>> 19);
    return state[0]!;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function subtractProjection(row: Float64Array, unit: Float64Array): void {
  const projection = dot(row, unit);
  for (let i = 0; i < row.length; i++) row[i]! -= projection * unit[i]!;
}
