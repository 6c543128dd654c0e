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

/**
 * The crop of an OCR box in pixels of the page. A corner left of or above the page moves to the edge without a change of width
 * or height: Stage 3 does so, and vectors of such panels would change otherwise.
 * @throws PanelvecError if no part of the box lies on the page
 */
export function cropFromBBox([x, y, width, height]: BBox, page: PageSize): Crop {
  if (!(width > 0 && height > 0)) throw invalidBox('has no area');
  if (x + width <= 0 || y + height <= 0) throw invalidBox('lies outside the page');
  const left = Math.max(0, Math.trunc(x));
  const top = Math.max(0, Math.trunc(y));
  return clipToPage({ left, top, right: Math.trunc(left + width), bottom: Math.trunc(top + height) }, page);
}

/** The crop of a VLM box in pixels of the page. @throws PanelvecError like cropFromBBox */
export function cropFromBox2d([y1, x1, y2, x2]: Box2d, page: PageSize): Crop {
  if (!(y2 > y1 && x2 > x1)) throw invalidBox('has no area: expected [y1, x1, y2, x2] with y1 < y2 and x1 < x2');
  if (x2 <= 0 || y2 <= 0 || x1 >= BOX_2D_SCALE || y1 >= BOX_2D_SCALE) throw invalidBox('lies outside the page');
  const toPixelX = (value: number) => Math.trunc((value / BOX_2D_SCALE) * page.width);
  const toPixelY = (value: number) => Math.trunc((value / BOX_2D_SCALE) * page.height);
  return clipToPage({ left: toPixelX(x1), top: toPixelY(y1), right: toPixelX(x2), bottom: toPixelY(y2) }, page);
}

/** Clips to the page. A box thinner than a pixel gets the pixel that it lies on. */
function clipToPage(crop: Crop, { width, height }: PageSize): Crop {
  const left = Math.max(0, crop.left);
  const top = Math.max(0, crop.top);
  const right = Math.min(width, Math.max(crop.right, left + 1));
  const bottom = Math.min(height, Math.max(crop.bottom, top + 1));
  if (left >= right || top >= bottom || crop.right < 0 || crop.bottom < 0) throw invalidBox('lies outside the page');
  return { left, top, right, bottom };
}

function invalidBox(problem: string): PanelvecError {
  return new PanelvecError('invalid_request', `the box ${problem}`);
}
