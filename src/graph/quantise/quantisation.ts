import type { Bounds } from './quantisable-layers.ts';

/** What is known of an activation: how far its values reach, and the mean of each channel. */
export interface Activation {
  readonly min: number;
  readonly max: number;
  readonly channelMeans: Float64Array;
}

/** value = scale * (byte - zeroPoint) */
export interface Quantisation {
  readonly scale: number;
  readonly zeroPoint: number;
}

const MAX_BYTE = 255;

/** Bytes for a range of values. Zero is always one of the values, because convolutions pad with it. */
export function toQuantisation({ min, max }: Pick<Activation, 'min' | 'max'>, bounds?: Bounds): Quantisation {
  const low = Math.min(0, Math.max(min, bounds?.min ?? -Infinity));
  const high = Math.max(0, Math.min(max, bounds?.max ?? Infinity));
  const scale = Math.fround((high - low) / MAX_BYTE) || 1;
  return { scale, zeroPoint: Math.round(-low / scale) };
}
