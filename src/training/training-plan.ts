import path from 'node:path';
import type { Model } from '../model/model.ts';
import type { ModelDefinition } from '../model/model-spec.ts';
import type { ProviderChoice } from '../onnxruntime/provider.ts';
import type { TrainingOptions } from './training-spec.ts';

/** Everything that a training starts from. Plain data, because it is sent to the training process. */
export interface TrainingPlan {
  /** The folder of this training alone, for checkpoints and history */
  readonly folder: string;
  /** Files of the training set, see data/training-part-file.ts */
  readonly partFiles: readonly string[];
  /** The model whose encoders are used */
  readonly base: Model;
  /** The definition of the trained model; its encoders are those of the base */
  readonly model: ModelDefinition;
  readonly options: TrainingOptions;
  /** The fraction of the pages that is held out, beside pages that are marked for validation */
  readonly validationFraction: number;
  readonly provider: ProviderChoice;
  readonly device: number;
  readonly threads: number;
}

/** Paths of what a training writes. */
export function trainingPaths(folder: string) {
  return {
    checkpoints: path.join(folder, 'checkpoints'),
    history: path.join(folder, 'history.jsonl'),
    fittedHead: path.join(folder, 'fitted-head.safetensors'),
  };
}
