import type { Edges } from '../boxes.ts';
import type { Crop } from '../image/resize-crop.ts';

/** Raised when the same change gives other pixels: cached features depend on it. */
const AUGMENT_VERSION = 1;

/** A rectangle in one colour. Its edges are fractions of the crop. */
export interface Mask extends Edges {
  readonly colour: readonly [red: number, green: number, blue: number];
}

/** Changes of the pixels of a crop, in this order: recompression, masks, colours, the flip from left to right. */
export interface Adjustments {
  readonly kind: 'adjusted';
  readonly recompression: Recompression | null;
  readonly masks: readonly Mask[];
  /** A factor */
  readonly brightness: number;
  /** A factor: 0 is grey */
  readonly saturation: number;
  /** In turns of the colour circle */
  readonly hue: number;
  readonly isFlipped: boolean;
}

/** A picture that was made small and compressed, as somebody takes it from a page to search with. */
export interface Recompression {
  readonly kind: 'recompressed';
  /** Pixels; a narrower crop keeps its width */
  readonly width: number;
  /** Of the JPEG */
  readonly quality: number;
}

export type PictureChange = Adjustments | Recompression;

/** A part of a page, and how its pixels are changed before an encoder sees them. */
export interface ChangedCrop extends Crop {
  readonly change?: PictureChange;
  /** Whether it is encoded as one view, whatever the model's grid views: a random part of a panel, for example */
  readonly isOneView?: boolean;
}

/** What stands for a change in the keys of caches; nothing for none. */
export function changeKey({ change }: ChangedCrop): readonly string[] {
  return change === undefined ? [] : [JSON.stringify([AUGMENT_VERSION, change])];
}
