import type { GridViews } from '../../model/model-spec.ts';
import type { Crop } from './resize-crop.ts';

/** The side of the parts in the corners, as a share of that of the picture: neighbours overlap. */
const CORNER_SHARE = 0.6;

/**
 * The views of a picture that a model encodes: the whole, or with it the corners (top left, top right, bottom left, bottom
 * right), in whole pixels of the image.
 */
export function gridCrops(whole: Crop, gridViews: GridViews): Crop[] {
  const { left, top, right, bottom } = whole;
  const view = { left, top, right, bottom };
  if (gridViews === 1) return [view];
  const corner = (length: number) => Math.max(1, Math.round(CORNER_SHARE * length));
  const [width, height] = [corner(right - left), corner(bottom - top)];
  const columns = [
    { left, right: left + width },
    { left: right - width, right },
  ];
  const rows = [
    { top, bottom: top + height },
    { top: bottom - height, bottom },
  ];
  return [view, ...rows.flatMap((row) => columns.map((column) => ({ ...column, ...row })))];
}
