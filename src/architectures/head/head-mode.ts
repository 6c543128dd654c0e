import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { batchNorm } from './layers.ts';

/** What differs between using a head and training it. */
export interface HeadMode {
  /** (n, d) -> (n, d); `layer` is the key that nn.Dropout would have */
  dropout(x: Value, layer: string): Value;
  /** nn.BatchNorm1d: (n, d) -> (n, d) */
  batchNorm(weights: WeightSource, prefix: string, x: Value): Value;
}

/** Nothing is dropped, and running statistics normalise. */
export const EVALUATION: HeadMode = { dropout: (x) => x, batchNorm };
