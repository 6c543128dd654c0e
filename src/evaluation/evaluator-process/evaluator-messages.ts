import type { Model } from '../../model/model.ts';
import type { ProviderChoice } from '../../onnxruntime/provider.ts';
import type { AbsentFeatures, TrainedBaseline } from '../baselines/baseline.ts';
import type { MeasurePlan } from '../measure-evaluation.ts';

/** Vectors to compute. */
export interface VectorsPlan {
  /** A model whose head is used, or a baseline */
  readonly fusion:
    | { readonly kind: 'head'; readonly model: Model; readonly absent: AbsentFeatures | undefined }
    | { readonly kind: 'baseline'; readonly trained: TrainedBaseline };
  /** Files with the features of all views */
  readonly viewFiles: readonly string[];
  /** Pages whose panels are wanted; null: all */
  readonly pages: readonly string[] | null;
  /** The file to write */
  readonly output: string;
  readonly provider: ProviderChoice;
  readonly device: number;
  readonly threads: number;
}

/** What an evaluation process can be asked over its pipe. */
export type EvaluatorMethods = {
  /** Writes a file of vectors. */
  computeVectors(plan: VectorsPlan): void;
  /** Measures all vectors, and writes the result of the evaluation. */
  measure(plan: MeasurePlan): void;
};
