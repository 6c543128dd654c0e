import type { VectorRows } from '../../../vector-analysis/vector-rows.ts';
import type { Placement } from './map-layout.ts';

/** What a layout process can be asked over its pipe. */
export type LayoutMethods = {
  /** Lays out the landmarks, which come first. */
  fit(params: { readonly landmarks: VectorRows; readonly seed: number }): Placement;
  /** Places other rows. */
  place(vectors: Float32Array): Placement;
};
