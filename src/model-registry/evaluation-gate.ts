import { PanelvecError } from '../errors.ts';
import type { ModelMeasures, StoredMeasure, StoredMeasures } from './model-measures.ts';

/** What an evaluation must say of a model before it is activated. */
export interface EvaluationRequirement {
  /** Id of the evaluate job */
  readonly evaluation: string;
  /** The model to compare with: `active`, or an id */
  readonly noWorseThan: string;
  /** How much worse a measure may be, by its name. Adds measures to the compared ones, or changes their margin */
  readonly margins: Readonly<Record<string, number>>;
}

/** A model with all that evaluations measured of it. */
export interface MeasuredModel {
  readonly id: string;
  readonly measures: readonly ModelMeasures[];
}

/** Measures that are compared unless `margins` says more: whether panels are found is what a model is for. */
const DEFAULT_MEASURES = 'retrieval.';
const DEFAULT_MARGIN = 0.02;
/** Two numbers whose difference is the margin differ from it by their last bits. */
const ROUNDING = 1e-9;

/**
 * Refuses a model that an evaluation finds worse than another by more than the margins. The other may have been measured by an
 * evaluation of its own, if that has the same fingerprint.
 * @throws PanelvecError evaluation_worse naming every such measure; evaluation_mismatch where they cannot be compared
 */
export function assertNoWorse(
  candidate: MeasuredModel,
  other: MeasuredModel,
  { evaluation, margins }: Pick<EvaluationRequirement, 'evaluation' | 'margins'>,
): void {
  const ofCandidate = candidate.measures.find((measured) => measured.evaluation === evaluation);
  if (ofCandidate === undefined) throw mismatch(`the evaluation ${evaluation} did not measure ${candidate.id}`);
  if (candidate.id === other.id) return;
  const ofOther = findComparable(other, ofCandidate);
  const problems = compareMeasures(ofCandidate.measures, ofOther.measures, margins);
  if (problems.length === 0) return;
  const where = ofOther.evaluation === evaluation ? '' : `, which the evaluation ${ofOther.evaluation} measured`;
  const message = `${candidate.id} is worse than ${other.id}${where}: ${problems.join('; ')}`;
  throw new PanelvecError('evaluation_worse', message, { param: 'require' });
}

function findComparable({ id, measures }: MeasuredModel, { evaluation, fingerprint }: ModelMeasures): ModelMeasures {
  const comparable =
    measures.find((measured) => measured.evaluation === evaluation) ??
    measures.find((measured) => fingerprint !== null && measured.fingerprint === fingerprint);
  if (comparable !== undefined) return comparable;
  const others = measures.map((measured) => `${measured.evaluation} (${measured.fingerprint ?? 'no fingerprint'})`);
  const known = others.length === 0 ? 'no evaluation measured it' : `it was measured by ${others.join(', ')}`;
  const problem = `the evaluation ${evaluation} did not measure ${id}, and no other with the fingerprint ${fingerprint ?? '(none)'} did`;
  throw mismatch(`${problem}; ${known}`);
}

function compareMeasures(
  ofCandidate: StoredMeasures,
  ofOther: StoredMeasures,
  margins: EvaluationRequirement['margins'],
): string[] {
  const known = [...new Set([...Object.keys(ofCandidate), ...Object.keys(ofOther)])];
  for (const name of Object.keys(margins)) {
    if (!known.includes(name)) {
      const message = `there is no measure of this name; there is ${known.join(', ')}`;
      throw new PanelvecError('invalid_request', message, { param: `require.margins.${name}` });
    }
  }
  const names = known.filter((name) => name.startsWith(DEFAULT_MEASURES) || name in margins);
  const problems: string[] = [];
  let compared = 0;
  for (const name of names) {
    const other = ofOther[name];
    if (other === undefined || 'left_out' in other) {
      if (name in margins) throw mismatch(`${name} was not measured of the other model: ${reasonOf(other)}`);
      continue;
    }
    compared++;
    const problem = compareMeasure(ofCandidate[name], other, margins[name] ?? DEFAULT_MARGIN);
    if (problem !== undefined) problems.push(`${name} ${problem}`);
  }
  if (compared === 0) throw mismatch('both models have no measure that could be compared');
  return problems;
}

function compareMeasure(
  candidate: StoredMeasure | undefined,
  other: Exclude<StoredMeasure, { left_out: string }>,
  margin: number,
): string | undefined {
  if (candidate === undefined || 'left_out' in candidate)
    return `was not measured (${reasonOf(candidate)}) against ${format(other.value)}`;
  const worse = other.better === 'higher' ? other.value - candidate.value : candidate.value - other.value;
  if (worse <= margin + ROUNDING) return undefined;
  const direction = other.better === 'higher' ? '' : ' (lower is better)';
  return `is ${format(candidate.value)} against ${format(other.value)}, margin ${margin}${direction}`;
}

function reasonOf(measure: StoredMeasure | undefined): string {
  return measure !== undefined && 'left_out' in measure ? measure.left_out : 'the evaluation lacks it';
}

function format(value: number): string {
  return value.toFixed(4);
}

function mismatch(message: string): PanelvecError {
  return new PanelvecError('evaluation_mismatch', message, { param: 'require.evaluation' });
}
