import { cosine } from '../../src/vectors/cosine.ts';

/** How near two matrices of the same rows are to each other. */
export interface Closeness {
  /** Of the row that has turned most */
  readonly lowestCosine: number;
  /** Of one number */
  readonly largestDifference: number;
}

export function closeness(a: readonly number[], b: readonly number[], rows: number): Closeness {
  const width = a.length / rows;
  const row = (values: readonly number[], at: number) => values.slice(at * width, (at + 1) * width);
  const cosines = Array.from({ length: rows }, (_, at) => cosine(row(a, at), row(b, at)));
  const largestDifference = a.reduce((largest, value, at) => Math.max(largest, Math.abs(value - b[at]!)), 0);
  return { lowestCosine: Math.min(...cosines), largestDifference };
}
