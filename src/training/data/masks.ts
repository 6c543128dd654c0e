import type { CounterRandom } from '../../util/counter-random.ts';

/** For each page, the row of the panel that is hidden, and whether it has others to be guessed from. */
export interface HiddenPanels {
  readonly rows: BigInt64Array;
  readonly counts: Float32Array;
}

/** @param panelCounts panels of each page, in the order of the batch */
export function drawHiddenPanels(panelCounts: readonly number[], random: CounterRandom): HiddenPanels {
  let first = 0;
  const hiddenRows = panelCounts.map((count, page) => {
    const row = first + random.integer(page, count);
    first += count;
    return BigInt(row);
  });
  return {
    rows: BigInt64Array.from(hiddenRows),
    counts: Float32Array.from(panelCounts, (count) => (count > 1 ? 1 : 0)),
  };
}

/**
 * Modality dropout: with the probability `rate` a panel that has picture and words is shown by one of the two alone,
 * evenly, as a query will be.
 * @param present (n, 3), ones for what each panel has
 */
export function drawShownModalities(present: Float32Array, rate: number, random: CounterRandom): Float32Array {
  const shown = present.slice();
  for (let row = 0; row < present.length / 3; row++) {
    const [hasImage, hasText] = [present[3 * row]!, present[3 * row + 1]!];
    if (hasImage === 0 || hasText === 0 || random.uniform(row) >= rate) continue;
    const shownColumn = random.uniform(row + present.length) < 0.5 ? 0 : 1;
    for (let column = 0; column < 3; column++) shown[3 * row + column] = column === shownColumn ? 1 : 0;
  }
  return shown;
}
