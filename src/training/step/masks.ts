import { CounterRandom } from '../../util/counter-random.ts';
import type { DropoutLayer } from '../graph-inputs.ts';

/** What decides the random choices of a batch. */
export interface MaskOptions {
  readonly dropouts: readonly DropoutLayer[];
  readonly dropout: number;
  readonly modalityDropout: number;
}

/** The random choices of one batch. */
export interface Masks {
  readonly hidden: HiddenPanels;
  /** (n, 3) */
  readonly shown: Float32Array;
  readonly dropouts: readonly {
    readonly layer: string;
    readonly dims: readonly number[];
    readonly mask: Float32Array;
  }[];
}

/** For each page the row of the panel that is hidden, and one where the page has other panels to guess it from. */
export interface HiddenPanels {
  readonly rows: BigInt64Array;
  readonly counts: Float32Array;
}

/**
 * Draws all masks of a batch.
 * @param panelCounts panels of each page, in the order of the batch
 * @param present (n, 3), ones for the modalities that each panel has
 * @param randomKeys what the random numbers are for: seed and step, for example
 */
export function drawMasks(
  panelCounts: readonly number[],
  present: Float32Array,
  { dropouts, dropout, modalityDropout }: MaskOptions,
  randomKeys: readonly (number | string)[],
): Masks {
  const random = (purpose: string) => new CounterRandom(...randomKeys, purpose);
  const rowCounts = { panel: panelCounts.reduce((sum, count) => sum + count, 0), page: panelCounts.length };
  return {
    hidden: drawHiddenPanels(panelCounts, random('hidden')),
    shown: drawShownModalities(present, modalityDropout, random('shown')),
    dropouts: dropouts.map(({ layer, width, rowsPer }) => {
      const dims = [rowCounts[rowsPer], width];
      return { layer, dims, mask: random(layer).dropout(rowCounts[rowsPer] * width, dropout) };
    }),
  };
}

/** Draws one panel of each page. */
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
 * Modality dropout: with the probability `rate`, a panel that has picture and text is shown by one of the two alone, with
 * equal chances, as a query will be.
 */
export function drawShownModalities(present: Float32Array, rate: number, random: CounterRandom): Float32Array {
  const shown = present.slice();
  for (let offset = 0; offset < present.length; offset += 3) {
    const row = offset / 3;
    if (present[offset] === 0 || present[offset + 1] === 0 || random.uniform(row) >= rate) continue;
    shown.set(random.uniform(row + present.length) < 0.5 ? [1, 0, 0] : [0, 1, 0], offset);
  }
  return shown;
}
