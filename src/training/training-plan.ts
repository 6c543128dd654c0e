import type { Model } from '../model/model.ts';
import type { ModelDefinition } from '../model/model-spec.ts';
import type { ProviderChoice } from '../onnxruntime/provider.ts';
import type { TrainingOptions } from './training-spec.ts';

/** All that a training begins with. Plain data: it is sent to the process that trains. */
export interface TrainingPlan {
  /** Of this training alone: checkpoints and history */
  readonly folder: string;
  /** Files with the pages, see data/part-file.ts */
  readonly partFiles: readonly string[];
  /** Whose encoders are used */
  readonly base: Model;
  /** What the trained model will be made of; its encoders are those of the base */
  readonly model: ModelDefinition;
  readonly options: TrainingOptions;
  /** Share of the pages that are held out, beside those that are marked */
  readonly validationFraction: number;
  readonly provider: ProviderChoice;
  readonly device: number;
  readonly threads: number;
}
