import { toHeadSpec } from '../model/model.ts';
import type { StateDict } from '../weights/state-dict.ts';
import type { EncoderOutputs } from './graphs/batch-losses.ts';
import { featureInputs, trainableEncoderOutputs } from './graphs/encoder-outputs.ts';
import type { TrainingPlan } from './training-plan.ts';

/** Running statistics follow the batches; they are no variables. */
const RUNNING_STATISTIC = /\.running_(mean|var)$/;
const ENCODER = /^encoders\./;

export function isTrained(key: string): boolean {
  return !RUNNING_STATISTIC.test(key);
}

/** Encoders have a learning rate of their own. */
export function parameterGroup(key: string): 'backbones' | 'head' {
  return ENCODER.test(key) ? 'backbones' : 'head';
}

/** What the head is given: the encoders' features, fed where they are frozen, computed in the graph where they are not. */
export function buildEncoderOutputs({ model, options }: TrainingPlan, weights: StateDict): EncoderOutputs {
  if (options.freeze_backbones) return featureInputs(toHeadSpec(model));
  const { vision, text } = model;
  return trainableEncoderOutputs(weights, vision.backbones, text, vision.image_size);
}
