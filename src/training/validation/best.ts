import { type Measure, RETRIEVAL_MEASURES } from '../training-spec.ts';

/** The value of a measure; larger is better. NaN where the validation could not tell. */
export function score(measure: Measure, measures: Readonly<Record<string, number>>): number {
  if (measure === 'validation_loss') return -measures['validation_loss']!;
  if (measure !== 'mean_retrieval') return measures[measure]!;
  // Without any texts, or without pages of two panels, what there is must do.
  const known = RETRIEVAL_MEASURES.map((name) => measures[name]!).filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
