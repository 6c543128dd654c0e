import type { Crop } from '../image/resize-crop.ts';
import type { Adjustments, ChangedCrop } from './picture-change.ts';

/** Changes that queries of an evaluation have: a picture taken from a page by somebody, flipped, and without colours. */
export const QUERY_CHANGES = ['snapshot', 'flipped', 'grey'] as const;
export type QueryChange = (typeof QUERY_CHANGES)[number];

/** The share that a snapshot lacks at each side. */
const SNAPSHOT_MARGIN = 0.05;

/** The adjustments that change nothing. */
export const UNCHANGED: Adjustments = {
  kind: 'adjusted',
  recompression: null,
  masks: [],
  brightness: 1,
  saturation: 1,
  hue: 0,
  isFlipped: false,
};

/** A panel's crop as a query shows it. */
export function changeForQuery(crop: Crop, change: QueryChange): ChangedCrop {
  const { left, top, right, bottom } = crop;
  if (change === 'flipped') return { left, top, right, bottom, change: { ...UNCHANGED, isFlipped: true } };
  if (change === 'grey') return { left, top, right, bottom, change: { ...UNCHANGED, saturation: 0 } };
  const marginX = Math.floor(SNAPSHOT_MARGIN * (right - left));
  const marginY = Math.floor(SNAPSHOT_MARGIN * (bottom - top));
  return {
    left: left + marginX,
    top: top + marginY,
    right: right - marginX,
    bottom: bottom - marginY,
    change: { kind: 'recompressed', width: 160, quality: 40 },
  };
}
