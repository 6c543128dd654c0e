import { BoxError, type Edges, type PageSize } from './boxes.ts';

/** No real panel comes near it; far larger numbers overflow inside the model. */
export const MAX_COMPOSITION_VALUE = 1e6;

/** The panels that Stage 3 keeps of a page. */
const MAX_PANELS = 16;

interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The seven composition features of a box in pixels: aspect ratio, share of the page's area, character count (not counted: 0),
 * mean and maximum of the shot scale (not measured: 0), centre x and y. Computed from the unclipped box.
 */
export function compositionFromPixels({ left, top, width, height }: PixelBox, page: PageSize): Float32Array {
  const area = (width * height) / (page.width * page.height);
  const [centreX, centreY] = [(left + width / 2) / page.width, (top + height / 2) / page.height];
  return compositionValues(width / height, area, 0, centreX, centreY);
}

/** The composition features of a VLM panel; the third one is its position on the page, (panel number - 1) / 15. */
export function compositionFromFractions({ left, top, right, bottom }: Edges, panelNumber: number): Float32Array {
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
  throw new BoxError('bad_box', 'is out of all proportion to the page');
}
