import type { BaselineVectors, ViewFeatures } from '../baselines/baseline.ts';

/** What makes vectors of features: a head, or a baseline. */
export interface Fusion extends AsyncDisposable {
  /** Fused vectors of any length. The rows of the views of a panel do not depend on each other. */
  fuse(features: ViewFeatures): Promise<BaselineVectors>;
}
