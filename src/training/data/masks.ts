import type { CounterRandom } from '../random/counter-random.ts';

/** For each page, the row of the panel that is hidden, and whether it has others to be guessed from. */
export interface Hidden {
  readonly rows: BigInt64Array;
  readonly counts: Float32Array;
}

/** @param rows panels of each page, in the order of the batch */
export function hiddenPanels(rows: readonly number[], random: CounterRandom): Hidden {
  let first = 0;
  const hidden = rows.map((count, page) => {
    const row = first + random.integer(page, count);
    first += count;
    return BigInt(row);
  });
  return { rows: BigInt64Array.from(hidden), counts: Float32Array.from(rows, (count) => (count > 1 ? 1 : 0)) };
}

/**
 * Modality dropout: with the probability `rate` a panel that has picture and words is shown by one of the two alone,
 * evenly, as a query will be.
 * @param present (n, 3), ones for what each panel has
 */
export function shownModalities(present: Float32Array, rate: number, random: CounterRandom): Float32Array {
  const shown = present.slice();
  for (let row = 0; row < present.length / 3; row++) {
    const [picture, words] = [present[3 * row]!, present[3 * row + 1]!];
    if (picture === 0 || words === 0 || random.uniform(row) >= rate) continue;
    const alone = random.uniform(row + present.length) < 0.5 ? 0 : 1;
    for (let at = 0; at < 3; at++) shown[3 * row + at] = at === alone ? 1 : 0;
  }
  return shown;
}
