import { mean } from '../../util/arrays.ts';
import { toUnitRows } from '../../util/vectors.ts';
import { RETRIEVAL_METRICS, type ValidationMetric } from '../training-spec.ts';

/** Fused vectors (n, d) of n panels, row by row: of the whole panel, of its picture alone, of its text alone. */
export interface RetrievalVectors {
  readonly dimensions: number;
  readonly whole: Float32Array;
  readonly image: Float32Array;
  readonly text: Float32Array;
  /** (n): the index of each panel's page */
  readonly page: readonly number[];
  /** (n) */
  readonly hasImage: readonly boolean[];
  readonly hasText: readonly boolean[];
}

/** Fractions between 0 and 1; NaN where there is no query. */
export interface RetrievalMetrics {
  /** Fraction of pictures alone whose own panel is the nearest of all */
  readonly image_to_panel_recall_at_1: number;
  /** Fraction of texts alone whose own panel is among the five nearest */
  readonly text_to_panel_recall_at_5: number;
  /** Fraction of texts alone whose own panel's picture alone is among the five nearest pictures alone */
  readonly text_to_image_recall_at_5: number;
  /** Mean R-precision: the fraction of a panel's r nearest others that are on its page, where r others are on it */
  readonly same_page_precision: number;
}

/** Fused vectors (n, d) of panels, of which some have a description. */
export interface DescribedVectors {
  readonly dimensions: number;
  /** Of the description alone */
  readonly description: Float32Array;
  /** Of the panel without its description, as it is stored where only lettering is known */
  readonly stored: Float32Array;
  /** Of the picture alone */
  readonly image: Float32Array;
  /** (n) */
  readonly hasDescription: readonly boolean[];
  readonly hasImage: readonly boolean[];
}

/** Fractions between 0 and 1; NaN where there is no query. */
export interface DescriptionMetrics {
  /** Fraction of descriptions alone whose own panel, stored without its description, is among the five nearest */
  readonly description_to_panel_recall_at_5: number;
  /** Fraction of descriptions alone whose own panel's picture alone is among the five nearest pictures alone */
  readonly description_to_image_recall_at_5: number;
}

/** Ranks all given panels by cosine similarity. Ties count against the panel that is searched for. */
export function computeRetrievalMetrics(vectors: RetrievalVectors): RetrievalMetrics {
  const { dimensions, page, hasImage, hasText } = vectors;
  const whole = toUnitRows(vectors.whole, dimensions);
  const image = toUnitRows(vectors.image, dimensions);
  const text = toUnitRows(vectors.text, dimensions);
  return {
    image_to_panel_recall_at_1: recall(image, hasImage, whole, dimensions, 1),
    text_to_panel_recall_at_5: recall(text, hasText, whole, dimensions, 5),
    text_to_image_recall_at_5: recall(text, both(hasText, hasImage), image, dimensions, 5),
    same_page_precision: mean(page.flatMap((_, row) => rPrecision(row, page, cosines(whole, row, whole, dimensions)))),
  };
}

/** Searches with descriptions among panels that are stored without them. */
export function computeDescriptionMetrics(vectors: DescribedVectors): DescriptionMetrics {
  const { dimensions, hasDescription, hasImage } = vectors;
  const description = toUnitRows(vectors.description, dimensions);
  const stored = toUnitRows(vectors.stored, dimensions);
  const image = toUnitRows(vectors.image, dimensions);
  return {
    description_to_panel_recall_at_5: recall(description, hasDescription, stored, dimensions, 5),
    description_to_image_recall_at_5: recall(description, both(hasDescription, hasImage), image, dimensions, 5),
  };
}

/** The fraction of the queries whose own row is among the k nearest candidates. */
function recall(
  queries: Float32Array,
  isQuery: readonly boolean[],
  candidates: Float32Array,
  dimensions: number,
  k: number,
): number {
  return mean(
    isQuery.flatMap((is, row) => (is ? [rankOf(row, cosines(queries, row, candidates, dimensions)) < k ? 1 : 0] : [])),
  );
}

function both(a: readonly boolean[], b: readonly boolean[]): boolean[] {
  return a.map((is, row) => is && b[row] === true);
}

/** The number of other rows that are as near as the row itself, or nearer. */
function rankOf(row: number, similarities: Float32Array): number {
  // A vector with a NaN finds nothing, however few panels there are.
  if (Number.isNaN(similarities[row])) return Number.POSITIVE_INFINITY;
  let rank = 0;
  for (let other = 0; other < similarities.length; other++) {
    // Written so that a NaN counts as nearer, not as farther.
    if (other !== row && !(similarities[other]! < similarities[row]!)) rank++;
  }
  return rank;
}

function rPrecision(row: number, page: readonly number[], similarities: Float32Array): number[] {
  const others = page.flatMap((_, other) => (other === row ? [] : [other]));
  const isSamePage = (other: number) => page[other] === page[row];
  const relevantCount = others.filter(isSamePage).length;
  if (relevantCount === 0) return [];
  // Ties and NaNs count against the page: among equals its panels come last, its NaNs are farthest, others' NaNs nearest.
  const sortValue = (other: number) =>
    Number.isNaN(similarities[other]) ? (isSamePage(other) ? -Infinity : Infinity) : similarities[other]!;
  const bySimilarity = (a: number, b: number) =>
    sortValue(b) - sortValue(a) || Number(isSamePage(a)) - Number(isSamePage(b));
  return [others.sort(bySimilarity).slice(0, relevantCount).filter(isSamePage).length / relevantCount];
}

function cosines(queries: Float32Array, row: number, rows: Float32Array, dimensions: number): Float32Array {
  const query = queries.subarray(row * dimensions, (row + 1) * dimensions);
  const result = new Float32Array(rows.length / dimensions);
  for (let candidate = 0; candidate < result.length; candidate++) {
    let sum = 0;
    for (let k = 0, start = candidate * dimensions; k < dimensions; k++) sum += query[k]! * rows[start + k]!;
    result[candidate] = sum;
  }
  return result;
}

/** The value of a metric by which the best epoch is chosen, larger is better. NaN where the validation has no such number. */
export function score(metric: ValidationMetric, metrics: Readonly<Record<string, number>>): number {
  const value = (name: string) => metrics[name] ?? Number.NaN;
  if (metric === 'validation_loss') return -value(metric);
  if (metric !== 'mean_retrieval') return value(metric);
  // Without texts, or without pages of two panels, the mean is that of the metrics that have a number.
  return mean(RETRIEVAL_METRICS.map(value).filter((known) => !Number.isNaN(known)));
}
