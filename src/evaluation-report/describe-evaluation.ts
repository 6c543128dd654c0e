import type { Claim, Comparison, EvaluationResult, FailureCheck, SplitFacts } from '../evaluation/evaluation-result.ts';

/** What was measured, in sentences. */
export function describeDataset({ dataset, contenders }: EvaluationResult): string {
  const { books, pages, panels, panels_with_lettering, panels_with_description, near_duplicates, bad_pages } = dataset;
  const sentences = [
    `${count(contenders.length, 'contender')} ${contenders.length === 1 ? 'was' : 'were'} measured on ${count(panels, 'panel')} of ${count(pages, 'page')} from ${count(books, 'book')}.`,
    `${panels_with_lettering} of the panels have lettering, ${panels_with_description} a description.`,
  ];
  if (near_duplicates > 0) {
    const subject = near_duplicates === 1 ? 'panel looks' : 'panels look';
    sentences.push(`${near_duplicates} ${subject} nearly like an earlier one and count as no wrong answer.`);
  }
  if (bad_pages > 0) sentences.push(`${count(bad_pages, 'page')} could not be read.`);
  return sentences.join(' ');
}

/** On what it was trained and measured, as a sentence. */
export function describeSplit({ kind, folds }: SplitFacts): string {
  if (kind === 'none') return 'Nothing was trained: all panels are measured with models as they are.';
  const panels = folds.reduce((sum, fold) => sum + fold.test_panels, 0);
  if (kind === 'held_out') {
    const books = folds.flatMap(({ test_books }) => test_books).length;
    return `${count(books, 'book')} with ${count(panels, 'panel')} ${books === 1 ? 'was' : 'were'} held out: what was trained here never saw ${books === 1 ? 'it' : 'them'}.`;
  }
  return `Every book was held out once, in ${count(folds.length, 'fold')}: what was trained here never saw the books on which it is measured, and searches among the panels of its fold.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Whether a claim was reached, in words. */
export function claimVerdict(claim: Claim, comparisons: readonly Comparison[]): string {
  const { claimed, measured, left_out, measure, contender, baseline } = claim;
  if (measured === null) return `not measured: ${left_out ?? 'unknown'}`;
  if (measured < claimed) return 'not reached';
  const comparison = comparisons.find(
    (other) => other.measure === measure && other.contender === contender && other.baseline === baseline,
  );
  return comparison !== undefined && comparison.difference.low <= 0 ? 'reached, but it may be chance' : 'reached';
}

/** Whether a failure was seen, in words. */
export function failureVerdict({ is_shown }: FailureCheck): string {
  if (is_shown === null) return 'Not measured';
  return is_shown ? 'Seen' : 'Not seen';
}
