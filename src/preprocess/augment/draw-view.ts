import { CounterRandom } from '../../util/counter-random.ts';
import type { Edges, PageSize } from '../boxes.ts';
import type { Crop } from '../image/resize-crop.ts';
import type { ChangedCrop, Mask, Recompression } from './picture-change.ts';

/** How far a view may lie over the edge of the box, as a share of its side: detectors are not exact. */
const MAX_OVERHANG = 0.03;
/** The side of a view, as a share of that of the box */
const SIDE_RANGE = [0.55, 1] as const;
const ASPECT_RANGE = [0.74, 1.35] as const;
const BRIGHTNESS_RANGE = [0.7, 1.3] as const;
const SATURATION_RANGE = [0.5, 1.5] as const;
const HUE_RANGE = [-12 / 256, 12 / 256] as const;
const GREY_SHARE = 0.1;
/** The share of the views that are made small and compressed first, as pictures that people search with often are */
const RECOMPRESSED_SHARE = 0.5;
const WIDTH_RANGE = [80, 224] as const;
const QUALITY_RANGE = [30, 85] as const;
/** The share of the texts that are masked, in the views that mask any */
const MASKED_SHARE = 0.5;

/** What a view is drawn from. */
export interface ViewSource {
  /** Of the panel */
  readonly crop: Crop;
  /** Edges of the texts in it, in pixels of the page: balloons, for example */
  readonly textAreas: readonly Edges[];
  readonly page: PageSize;
}

/**
 * Draws a random view of a panel: a part of it in other colours, perhaps flipped, small and compressed, or with masked balloons.
 * @param keys what tells the panel and the view from others; the same keys give the same view
 */
export function drawView({ crop, textAreas, page }: ViewSource, keys: readonly (number | string)[]): ChangedCrop {
  const random = new CounterRandom(...keys);
  let draws = 0;
  const uniform = (low: number, high: number) => low + (high - low) * random.uniform(draws++);
  const chance = (share: number) => random.uniform(draws++) < share;

  const side = uniform(...SIDE_RANGE);
  const stretch = Math.sqrt(uniform(...ASPECT_RANGE));
  const [left, right] = placeSpan(crop.left, crop.right, side * stretch, uniform(0, 1), page.width);
  const [top, bottom] = placeSpan(crop.top, crop.bottom, side / stretch, uniform(0, 1), page.height);
  const brightness = uniform(...BRIGHTNESS_RANGE);
  const saturation = uniform(...SATURATION_RANGE);
  const hue = uniform(...HUE_RANGE);
  const isGrey = chance(GREY_SHARE);
  const isFlipped = chance(0.5);
  const view = { left, top, right, bottom };
  const colour = [random.integer(draws++, 256), random.integer(draws++, 256), random.integer(draws++, 256)] as const;
  const isMasked = chance(0.5);
  const maskedAreas = textAreas.filter(() => chance(MASKED_SHARE) && isMasked);
  const masks = maskedAreas.flatMap((area) => toMask(area, view, colour));
  const isRecompressed = chance(RECOMPRESSED_SHARE);
  const [low, high] = WIDTH_RANGE;
  const width = Math.round(low * (high / low) ** uniform(0, 1));
  const quality = Math.round(uniform(...QUALITY_RANGE));
  const recompression: Recompression | null = isRecompressed ? { kind: 'recompressed', width, quality } : null;
  return {
    ...view,
    isOneView: true,
    change: { kind: 'adjusted', recompression, masks, brightness, saturation: isGrey ? 0 : saturation, hue, isFlipped },
  };
}

/**
 * A part of a side of the box, in whole pixels of the page: at least one, and no more than the side has.
 * @param position where it lies, from 0 to 1
 */
function placeSpan(begin: number, end: number, share: number, position: number, limit: number): [number, number] {
  const length = Math.max(1, Math.round((end - begin) * Math.min(1, share)));
  const overhang = MAX_OVERHANG * (end - begin);
  const first = Math.round(begin - overhang + position * (end - begin + 2 * overhang - length));
  const clipped = Math.min(Math.max(0, first), Math.min(end, limit) - 1);
  return [clipped, Math.min(limit, clipped + length)];
}

function toMask(area: Edges, view: Crop, colour: Mask['colour']): Mask[] {
  const [width, height] = [view.right - view.left, view.bottom - view.top];
  const mask = {
    left: Math.max(0, (area.left - view.left) / width),
    top: Math.max(0, (area.top - view.top) / height),
    right: Math.min(1, (area.right - view.left) / width),
    bottom: Math.min(1, (area.bottom - view.top) / height),
    colour,
  };
  return mask.left < mask.right && mask.top < mask.bottom ? [mask] : [];
}
