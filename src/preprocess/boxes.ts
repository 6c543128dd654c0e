import { PanelvecError } from '../errors.ts';
import type { Crop } from './image/resize-crop.ts';

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** The edges of a box in pixels of the page, with fractions. */
export interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type BoxProblem = 'bad_box' | 'no_area' | 'outside_page' | 'under_a_pixel';

/** A box that gives no crop or no composition. */
export class BoxError extends PanelvecError {
  readonly reason: BoxProblem;

  constructor(reason: BoxProblem, problem: string) {
    super('invalid_request', `the box ${problem}`);
    this.reason = reason;
  }
}

/** The crop between edges that are rounded to pixels, halves to the even number, as PIL's `crop` does. @throws BoxError */
export function roundedCrop(edges: Edges, page: PageSize): Crop {
  return cropBetween(edges, page, roundHalfToEven);
}

/** The crop between edges whose fractions are cut off, as Python's `int` does. @throws BoxError */
export function truncatedCrop(edges: Edges, page: PageSize): Crop {
  return cropBetween(edges, page, Math.trunc);
}

function cropBetween(edges: Edges, page: PageSize, toPixel: (value: number) => number): Crop {
  if (edges.right <= 0 || edges.bottom <= 0 || edges.left >= page.width || edges.top >= page.height) {
    throw new BoxError('outside_page', 'lies outside the page');
  }
  const left = Math.max(0, toPixel(edges.left));
  const top = Math.max(0, toPixel(edges.top));
  const right = Math.min(page.width, toPixel(edges.right));
  const bottom = Math.min(page.height, toPixel(edges.bottom));
  if (left < right && top < bottom) return { left, top, right, bottom };
  throw new BoxError('under_a_pixel', 'covers no whole pixel: is it in another unit than its form has?');
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
