import type { Measure } from '../training-spec.ts';

/** The value of a measure; larger is better. NaN where the validation could not tell. */
export function score(measure: Measure, measures: Readonly<Record<string, number>>): number {
  if (measure === 'validation_loss') return -measures['validation_loss']!;
  if (measure !== 'mean_retrieval') return measures[measure]!;
  const names = ['image_to_panel_recall_at_1', 'text_to_panel_recall_at_5', 'same_page_precision'];
  // Without any texts, or without pages of two panels, what there is must do.
  const known = names.map((name) => measures[name]!).filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
