import type { BaselineVectors, ViewFeatures } from '../baselines/baseline.ts';

/** What makes vectors of features: a head, or a baseline. */
export interface Fusion extends AsyncDisposable {
  /** Fused vectors of any length, by the names of the views. No row depends on the others. */
  fuse(views: ReadonlyMap<string, ViewFeatures>): Promise<ReadonlyMap<string, BaselineVectors>>;
}
