import type { JobKind } from '../job-kind.ts';
import { finishTrain } from './train-finish.ts';
import { encodeTrainingPart } from './train-part.ts';
import { planTrain } from './train-plan.ts';
import type { TrainSpec } from './train-spec.ts';

/** A model trained on a dataset: an index, what the encoders say of its pages in parts, then the training itself. */
export const trainKind: JobKind<TrainSpec> = {
  phases: { plan: 'indexing', part: 'encoding', finish: 'training' },
  plan: planTrain,
  part: encodeTrainingPart,
  finish: finishTrain,
};
