import { type Box, PAGE_HEIGHT, PAGE_WIDTH } from './page.ts';

export const MARGIN = 30;
export const GUTTER = 16;
export const INNER: Box = {
  x: MARGIN,
  y: MARGIN,
  width: PAGE_WIDTH - 2 * MARGIN,
  height: PAGE_HEIGHT - 2 * MARGIN,
};

/** Cuts a box downwards into rows, in these proportions, with gutters between. */
export function rows({ x, y, width, height }: Box, proportions: readonly number[]): Box[] {
  return splitLength(y, height, proportions).map(([start, length]) => ({ x, y: start, width, height: length }));
}

export function columns({ x, y, width, height }: Box, proportions: readonly number[]): Box[] {
  return splitLength(x, width, proportions).map(([start, length]) => ({ x: start, y, width: length, height }));
}

function splitLength(start: number, length: number, proportions: readonly number[]): [start: number, length: number][] {
  const total = proportions.reduce((sum, share) => sum + share, 0);
  const available = length - GUTTER * (proportions.length - 1);
  let preceding = 0;
  return proportions.map((proportion, i) => {
    const from = Math.round((available * preceding) / total);
    preceding += proportion;
    return [start + from + i * GUTTER, Math.round((available * preceding) / total) - from];
  });
}
