import type { Lettering } from './lettering/balloon.ts';

export const PAGE_WIDTH = 900;
export const PAGE_HEIGHT = 1200;

/** A rectangle in pixels of the page. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws a picture of the given size as SVG. */
export type DrawFunction = (width: number, height: number) => string;

export interface Panel {
  readonly box: Box;
  /** One sentence about the picture, for the labels */
  readonly description: string;
  readonly draw: DrawFunction;
  readonly lettering: readonly Lettering[];
}

interface PageImage {
  readonly name: string;
  readonly format: 'jpg' | 'png' | 'webp';
}

export interface NarrativePage extends PageImage {
  readonly kind: 'narrative';
  readonly summary: string;
  /** In reading order */
  readonly panels: readonly Panel[];
}

export interface PlainPage extends PageImage {
  readonly kind: 'cover' | 'credits';
  readonly draw: DrawFunction;
}

export type Page = NarrativePage | PlainPage;

export const MARGIN = 30;
export const GUTTER = 16;
/** The page within its margins */
export const INNER: Box = {
  x: MARGIN,
  y: MARGIN,
  width: PAGE_WIDTH - 2 * MARGIN,
  height: PAGE_HEIGHT - 2 * MARGIN,
};

/** One box for each proportion */
type Boxes<Proportions extends readonly number[]> = { readonly [Index in keyof Proportions]: Box };

/** Cuts a box into rows from top to bottom, with gutters between. */
export function rows<const P extends readonly number[]>({ x, y, width, height }: Box, proportions: P): Boxes<P> {
  return splitLength(y, height, proportions, (start, length) => ({ x, y: start, width, height: length }));
}

/** Cuts a box into columns from left to right, with gutters between. */
export function columns<const P extends readonly number[]>({ x, y, width, height }: Box, proportions: P): Boxes<P> {
  return splitLength(x, width, proportions, (start, length) => ({ x: start, y, width: length, height }));
}

function splitLength<const P extends readonly number[]>(
  start: number,
  length: number,
  proportions: P,
  toBox: (start: number, length: number) => Box,
): Boxes<P> {
  const total = proportions.reduce((sum, proportion) => sum + proportion, 0);
  const available = length - GUTTER * (proportions.length - 1);
  let preceding = 0;
  const boxes = proportions.map((proportion, i) => {
    const from = Math.round((available * preceding) / total);
    preceding += proportion;
    return toBox(start + from + i * GUTTER, Math.round((available * preceding) / total) - from);
  });
  // The type of map() forgets that there is one box for each proportion.
  return boxes as Boxes<P>;
}
