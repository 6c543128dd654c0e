import { headSpec } from '../model/model.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { pooledInputs, trainedEncoders } from './graphs/encoders.ts';
import type { Pooled } from './graphs/loss.ts';
import type { TrainingPlan } from './training-plan.ts';

/** Running statistics follow the batches; they are no variables. */
const STATISTIC = /\.running_(mean|var)$/;
const ENCODER = /^encoders\./;

export function isTrained(key: string): boolean {
  return !STATISTIC.test(key);
}

/** Encoders have a learning rate of their own. */
export function rateGroup(key: string): 'backbones' | 'head' {
  return ENCODER.test(key) ? 'backbones' : 'head';
}

/** What the head is given: the encoders' features, fed where they are frozen, computed in the graph where they are not. */
export function pooledOf({ model, options }: TrainingPlan, weights: Checkpoint): Pooled {
  if (options.freeze_backbones) return pooledInputs(headSpec(model));
  const { vision, text } = model;
  return trainedEncoders(weights, vision.backbones, text, vision.image_size);
}
