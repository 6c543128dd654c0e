import { PanelvecError } from '../errors.ts';
import type { Crop } from './image/resize-crop.ts';

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** The coordinates of VLM boxes run from 0 to this. */
export const BOX_2D_SCALE = 1000;

/** A box of an OCR panel: [x, y, width, height] in pixels. */
export type BBox = readonly [number, number, number, number];
/** A box of a VLM panel: [y1, x1, y2, x2] in thousandths of the page. */
export type Box2d = readonly [number, number, number, number];

export type BoxProblem = 'bad_box' | 'no_area' | 'outside_page' | 'under_a_pixel';

/** A box that gives no crop or no composition. */
export class BoxError extends PanelvecError {
  readonly reason: BoxProblem;

  constructor(reason: BoxProblem, problem: string) {
    super('invalid_request', `the box ${problem}`);
    this.reason = reason;
  }
}

/**
 * The crop of an OCR box in pixels of the page. A corner left of or above the page moves to the edge without a change of width
 * or height: Stage 3 does so, and vectors of such panels would change otherwise.
 * @throws BoxError if the box covers no pixel of the page
 */
export function cropFromBBox([x, y, width, height]: BBox, page: PageSize): Crop {
  if (!(width > 0 && height > 0)) throw new BoxError('no_area', 'has no area');
  if (x + width <= 0 || y + height <= 0) throw outsidePage();
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  return cropFromEdges([left, top, left + width, top + height], page);
}

/**
 * The crop between four edges, [left, top, right, bottom] in pixels, clipped to the page. Each edge is rounded, and halves to
 * the even number, as PIL's `crop` rounds them.
 * @throws BoxError if it covers no pixel of the page
 */
export function cropFromEdges([left, top, right, bottom]: BBox, page: PageSize): Crop {
  if (!(right > left && bottom > top)) throw new BoxError('no_area', 'has no area');
  if (right <= 0 || bottom <= 0 || left >= page.width || top >= page.height) throw outsidePage();
  const [leftPixel, topPixel] = [roundHalfToEven(left), roundHalfToEven(top)];
  return clipToPage(
    { left: leftPixel, top: topPixel, right: roundHalfToEven(right), bottom: roundHalfToEven(bottom) },
    page,
  );
}

/** The crop of a VLM box in pixels of the page, its edges cut to whole pixels. @throws BoxError like cropFromBBox */
export function cropFromBox2d([y1, x1, y2, x2]: Box2d, page: PageSize): Crop {
  if (!(y2 > y1 && x2 > x1)) {
    throw new BoxError('no_area', 'has no area: expected [y1, x1, y2, x2] with y1 < y2 and x1 < x2');
  }
  if (x2 <= 0 || y2 <= 0 || x1 >= BOX_2D_SCALE || y1 >= BOX_2D_SCALE) throw outsidePage();
  const toPixelX = (value: number) => Math.trunc((value / BOX_2D_SCALE) * page.width);
  const toPixelY = (value: number) => Math.trunc((value / BOX_2D_SCALE) * page.height);
  return clipToPage({ left: toPixelX(x1), top: toPixelY(y1), right: toPixelX(x2), bottom: toPixelY(y2) }, page);
}

function clipToPage(crop: Crop, page: PageSize): Crop {
  const left = Math.max(0, crop.left);
  const top = Math.max(0, crop.top);
  const right = Math.min(page.width, crop.right);
  const bottom = Math.min(page.height, crop.bottom);
  if (left < right && top < bottom) return { left, top, right, bottom };
  throw new BoxError('under_a_pixel', 'covers no whole pixel: bbox is in pixels, box_2d in thousandths of the page');
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function outsidePage(): BoxError {
  return new BoxError('outside_page', 'lies outside the page');
}
