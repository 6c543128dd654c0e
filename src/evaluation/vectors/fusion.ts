/** What makes vectors of features: a head, or a baseline. */
export interface Fusion extends AsyncDisposable {
  /** No row depends on the others. */
  fuse(features: ViewFeatures): Promise<FusedVectors>;
}

/** Pooled features of n panels as one view shows them, row by row. What a row holds of an absent modality is not read. */
export interface ViewFeatures {
  readonly rows: number;
  /** By backbone (n, features) */
  readonly vision: Readonly<Record<string, Float32Array>>;
  /** (n, features) */
  readonly text: Float32Array;
  /** (n, 7) */
  readonly composition: Float32Array;
  /** (n, 3): ones for the modalities that each panel has */
  readonly present: Float32Array;
}

/** Fused vectors (n, dimensions) of any length, and the weights (n, 3) of the gate if there is one. */
export interface FusedVectors {
  readonly dimensions: number;
  readonly vectors: Float32Array;
  readonly gate: Float32Array | null;
}
