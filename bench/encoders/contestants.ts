/** The encoders of full size, and how each can be run. */
export const ENCODERS = ['siglip', 'resnet', 'minilm'] as const;
export type Encoder = (typeof ENCODERS)[number];

/** Our graph as floats and as 8-bit integers, and the graph that another tool has written. */
export type Variant = 'fp32' | 'int8' | 'exported';

export interface Contestant {
  readonly encoder: Encoder;
  readonly variant: Variant;
}

/** ResNet is convolutions alone: int8 changes nothing of it. */
const QUANTISED_ENCODERS: readonly Encoder[] = ['siglip', 'minilm'];

export function contestants(withExported: boolean): Contestant[] {
  return ENCODERS.flatMap((encoder) => [
    { encoder, variant: 'fp32' } as const,
    ...(QUANTISED_ENCODERS.includes(encoder) ? [{ encoder, variant: 'int8' } as const] : []),
    ...(withExported ? [{ encoder, variant: 'exported' } as const] : []),
  ]);
}

/** Items of one run, for all contestants. */
export const BATCH = 8;
/** An engine may cut its batches: this encoder of ours also runs in smaller ones. */
export const SWEPT_ENCODER: Encoder = 'siglip';
export const SMALLER_BATCHES: readonly number[] = [1, 2, 4];
