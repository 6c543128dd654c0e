import { BoxError, type Edges, type PageSize, roundedCrop, truncatedCrop } from './boxes.ts';
import { compositionFromFractions, compositionFromPixels } from './composition-features.ts';
import type { Crop } from './image/resize-crop.ts';

/** The unit of a box: fractions of the page, thousandths, or pixels. */
export const BOX_SCALES = [1, 1000, 'pixels'] as const;
export type BoxScale = (typeof BOX_SCALES)[number];

/** The order of the four numbers of a box: corners, or a corner, width and height. */
export const BOX_ORDERS = ['yxyx', 'xyxy', 'xywh'] as const;
export type BoxOrder = (typeof BOX_ORDERS)[number];

export interface BoxLayout {
  readonly scale: BoxScale;
  readonly order: BoxOrder;
}

/**
 * The rules by which a box becomes a crop and a composition. `ocr` and `vlm` are those of the original; `detected` is like `ocr`
 * and clips all edges, for tools that the original does not read.
 */
export type BoxForm = 'ocr' | 'vlm' | 'detected';

export const BBOX_LAYOUT: BoxLayout = { scale: 'pixels', order: 'xywh' };
export const BOX_2D_LAYOUT: BoxLayout = { scale: 1000, order: 'yxyx' };

export type BoxNumbers = readonly [number, number, number, number];

/** The box of a panel as it is written, with what its numbers mean. */
export interface PanelBox {
  readonly form: BoxForm;
  readonly layout: BoxLayout;
  readonly numbers: BoxNumbers;
}

export interface PanelPlace {
  readonly crop: Crop;
  /** The seven composition features */
  readonly composition: Float32Array;
}

/**
 * Finds a panel on its page. A VLM box has its edges cut to whole pixels; the edges of others are rounded as PIL rounds them.
 * @param panelNumber the position in the reading order, from 1, which is a feature of VLM panels
 * @param drawnOn the size of the picture whose pixels a box counts, if it is another than the page's
 * @throws BoxError if the box covers no pixel of the page
 */
export function placePanel(
  { form, layout, numbers }: PanelBox,
  page: PageSize,
  panelNumber: number,
  drawnOn: PageSize = page,
): PanelPlace {
  const { left, top, right, bottom, width, height } = readEdges(numbers, layout.order);
  // A sum cannot stand for a width: 1e9 + 1e-9 is 1e9.
  if (!(width > 0 && height > 0)) throw new BoxError('no_area', `has no area: expected ${EXPECTED[layout.order]}`);
  const { scale } = layout;
  const edges = edgesOnPage(layout, numbers, page, drawnOn);
  if (form === 'vlm') {
    const [unitX, unitY] = scale === 'pixels' ? [drawnOn.width, drawnOn.height] : [scale, scale];
    const fractions = { left: left / unitX, top: top / unitY, right: right / unitX, bottom: bottom / unitY };
    return { crop: truncatedCrop(edges, page), composition: compositionFromFractions(fractions, panelNumber) };
  }
  const box = {
    ...edges,
    width: toPixels(width, scale, page.width, drawnOn.width),
    height: toPixels(height, scale, page.height, drawnOn.height),
  };
  const crop = roundedCrop(form === 'ocr' ? moveOntoPage(box) : box, page);
  return { crop, composition: compositionFromPixels(box, page) };
}

/** The edges of a box in pixels of the page. */
export function edgesOnPage(
  { scale, order }: BoxLayout,
  numbers: BoxNumbers,
  page: PageSize,
  drawnOn: PageSize,
): Edges {
  const { left, top, right, bottom } = readEdges(numbers, order);
  return {
    left: toPixels(left, scale, page.width, drawnOn.width),
    top: toPixels(top, scale, page.height, drawnOn.height),
    right: toPixels(right, scale, page.width, drawnOn.width),
    bottom: toPixels(bottom, scale, page.height, drawnOn.height),
  };
}

/** How far a box may reach over the page, as a share of it: annotators are not exact to the pixel. */
const MAX_OVERHANG = 0.1;

/** Whether a box reaches far over the page, as one in another unit or of another picture does. */
export function reachesOverPage({ layout, numbers }: PanelBox, page: PageSize, drawnOn: PageSize = page): boolean {
  const { left, top, right, bottom } = edgesOnPage(layout, numbers, page, drawnOn);
  const [marginX, marginY] = [MAX_OVERHANG * page.width, MAX_OVERHANG * page.height];
  return left < -marginX || top < -marginY || right > page.width + marginX || bottom > page.height + marginY;
}

/** Detectors draw boxes a bit over the edge of a page. No panel is so small in another unit. */
const MAX_FRACTION = 1.1;

/** Whether all boxes are fractions of a page, though their layout says otherwise: then no crop of them would be right. */
export function areFractions(boxes: readonly PanelBox[]): boolean {
  const isFraction = ({ layout, numbers }: PanelBox) =>
    layout.scale !== 1 && numbers.every((number) => number >= 1 - MAX_FRACTION && number <= MAX_FRACTION);
  return (
    boxes.length > 0 && boxes.every(isFraction) && boxes.some(({ numbers }) => numbers.some((number) => number > 0))
  );
}

interface EdgesWithSize extends Edges {
  readonly width: number;
  readonly height: number;
}

const EXPECTED: Readonly<Record<BoxOrder, string>> = {
  yxyx: '[y1, x1, y2, x2] with y1 < y2 and x1 < x2',
  xyxy: '[x1, y1, x2, y2] with x1 < x2 and y1 < y2',
  xywh: '[x, y, width, height]',
};

/** The edges of a box, in its own unit. */
export function readEdges([a, b, c, d]: BoxNumbers, order: BoxOrder): EdgesWithSize {
  if (order === 'xywh') return { left: a, top: b, right: a + c, bottom: b + d, width: c, height: d };
  const [left, top, right, bottom] = order === 'xyxy' ? [a, b, c, d] : [b, a, d, c];
  return { left, top, right, bottom, width: right - left, height: bottom - top };
}

function toPixels(value: number, scale: BoxScale, extent: number, drawnExtent: number): number {
  // The original divides first. In another order the result would lie on the other side of a pixel now and then.
  return scale === 'pixels' ? value * (extent / drawnExtent) : (value / scale) * extent;
}

/**
 * Moves a corner left of or above the page to its edge without a change of width or height. Stage 3 does so, and vectors of
 * such panels would change otherwise. A box that lies off the page stays there.
 */
function moveOntoPage({ left, top, right, bottom, width, height }: EdgesWithSize): Edges {
  if (right <= 0 || bottom <= 0) return { left, top, right, bottom };
  return {
    left: Math.max(0, left),
    top: Math.max(0, top),
    right: left < 0 ? width : right,
    bottom: top < 0 ? height : bottom,
  };
}
