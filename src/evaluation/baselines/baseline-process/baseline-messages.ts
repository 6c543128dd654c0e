import type { TrainerMethods } from '../../../training/trainer-process/trainer-messages.ts';
import type { BaselineVectors, TrainedBaseline, ViewFeatures } from '../baseline.ts';

export interface VectorsRequest {
  readonly trained: TrainedBaseline;
  readonly views: Readonly<Record<string, ViewFeatures>>;
}

/** What a baseline's process can be asked over its pipe: to train the first version, and for vectors of any baseline. */
export type BaselineMethods = TrainerMethods & {
  vectors(request: VectorsRequest): Record<string, BaselineVectors>;
};
