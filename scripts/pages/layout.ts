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
export function rows({ x, y, width, height }: Box, shares: readonly number[]): Box[] {
  return cut(y, height, shares).map(([start, length]) => ({ x, y: start, width, height: length }));
}

export function columns({ x, y, width, height }: Box, shares: readonly number[]): Box[] {
  return cut(x, width, shares).map(([start, length]) => ({ x: start, y, width: length, height }));
}

function cut(start: number, length: number, shares: readonly number[]): [start: number, length: number][] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const room = length - GUTTER * (shares.length - 1);
  let before = 0;
  return shares.map((share, at) => {
    const from = Math.round((room * before) / total);
    before += share;
    return [start + from + at * GUTTER, Math.round((room * before) / total) - from];
  });
}
