import { RETRIEVAL_METRICS, type ValidationMetric } from '../training-spec.ts';

/** The value of a measure; larger is better. NaN where the validation could not tell. */
export function score(metric: ValidationMetric, metrics: Readonly<Record<string, number>>): number {
  if (metric === 'validation_loss') return -metrics['validation_loss']!;
  if (metric !== 'mean_retrieval') return metrics[metric]!;
  // Without any texts, or without pages of two panels, what there is must do.
  const knownValues = RETRIEVAL_METRICS.map((name) => metrics[name]!).filter((value) => !Number.isNaN(value));
  return knownValues.reduce((sum, value) => sum + value, 0) / knownValues.length;
}
