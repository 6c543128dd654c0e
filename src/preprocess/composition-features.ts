import { PanelvecError } from '../errors.ts';
import { type BBox, BOX_2D_SCALE, type Box2d, type PageSize } from './boxes.ts';

/** No ratio of a page comes near it; far larger numbers overflow inside the model. */
export const MAX_COMPOSITION_VALUE = 1e6;

/** Panels that the original keeps of a page; the position of a panel is counted in steps of one less. */
const MAX_PANELS = 16;

/**
 * The seven composition numbers of an OCR panel: aspect ratio, share of the page's area, characters (which the OCR form
 * does not count: 0), shot mean and max (not measured: 0), centre x and y. All from the box as given, unclipped.
 */
export function compositionFromBBox([x, y, width, height]: BBox, page: PageSize): Float32Array {
  const area = (width * height) / (page.width * page.height);
  return compositionValues(width / height, area, 0, (x + width / 2) / page.width, (y + height / 2) / page.height);
}

/** The same for a VLM panel, whose third number is its place on the page: (panel number - 1) / 15. */
export function compositionFromBox2d([y1, x1, y2, x2]: Box2d, panelNumber: number): Float32Array {
  const [left, top, right, bottom] = [x1, y1, x2, y2].map((value) => value / BOX_2D_SCALE) as [
    number,
    number,
    number,
    number,
  ];
  const width = right - left;
  const height = bottom - top;
  const position = (panelNumber - 1) / (MAX_PANELS - 1);
  return compositionValues(width / height, width * height, position, (left + right) / 2, (top + bottom) / 2);
}

function compositionValues(
  aspect: number,
  area: number,
  third: number,
  centreX: number,
  centreY: number,
): Float32Array {
  const values = [aspect, area, third, 0, 0, centreX, centreY];
  if (values.every((value) => Math.abs(value) <= MAX_COMPOSITION_VALUE)) return Float32Array.from(values);
  throw new PanelvecError('invalid_request', 'the box is out of all proportion to the page');
}
