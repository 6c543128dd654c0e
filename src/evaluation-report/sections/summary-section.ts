import type { Claim, EvaluationResult, FailureCheck, SplitFacts } from '../../evaluation/evaluation-result.ts';
import { HEADLINE_MEASURES, measureLabel } from '../../evaluation/headline-measures.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { htmlTable } from '../../report/html-table.ts';
import { formatPercent, formatSigned } from '../format-measure.ts';
import { KIND_LABELS } from '../labels.ts';
import { intervalPlot } from '../plots/interval-plot.ts';
import { contenderLegend, figure } from './figure.ts';

/** What was measured, on what, and what came of the claims, in plain words. */
export function summarySection(result: EvaluationResult): string {
  return [
    ...[describeDataset(result), describeSplit(result.split)].map((text) => `<p>${escapeHtml(text)}</p>`),
    contendersTable(result),
    claimsTable(result.claims),
    failures(result.first_version_failures),
    recallPlot(result),
  ].join('\n');
}

function describeDataset({ dataset, contenders }: EvaluationResult): string {
  const { books, pages, panels, panels_with_lettering, panels_with_description, near_duplicates, bad_pages } = dataset;
  const sentences = [
    `This report compares ${count(contenders.length, 'contender')} on ${count(panels, 'panel')} of ${count(pages, 'page')} from ${count(books, 'book')}.`,
    `${panels_with_lettering} panels have lettering, ${panels_with_description} a description.`,
  ];
  if (near_duplicates > 0) {
    const subject = near_duplicates === 1 ? 'panel looks' : 'panels look';
    sentences.push(`${near_duplicates} ${subject} nearly like an earlier one and count as no wrong answer.`);
  }
  if (bad_pages > 0) sentences.push(`${count(bad_pages, 'page')} could not be read.`);
  return sentences.join(' ');
}

function describeSplit({ kind, folds }: SplitFacts): string {
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

function contendersTable({ contenders }: EvaluationResult): string {
  const rows = contenders.map(({ name, kind, description, dimensions, space }) => ({
    header: escapeHtml(name),
    cells: [KIND_LABELS[kind], escapeHtml(description), String(dimensions), escapeHtml(space ?? '–')],
  }));
  return htmlTable({ caption: 'Contenders', columns: ['name', 'kind', 'what it is', 'dimensions', 'space'], rows });
}

function claimsTable(claims: readonly Claim[]): string {
  if (claims.length === 0) return '';
  const rows = claims.map(({ claim, measure, contender, baseline, claimed, measured, left_out }) => ({
    header: escapeHtml(claim),
    cells: [
      escapeHtml(measureLabel(measure)),
      escapeHtml(`${contender} against ${baseline}`),
      formatSigned(claimed, formatPercent),
      measured === null ? '–' : formatSigned(measured, formatPercent),
      measured === null
        ? escapeHtml(`not measured: ${left_out ?? 'unknown'}`)
        : measured >= claimed
          ? 'reached'
          : 'not reached',
    ],
  }));
  const columns = ['claim', 'measure', 'compared', 'claimed', 'measured', 'verdict'];
  return htmlTable({ caption: 'Claims beside what was measured', columns, rows });
}

function failures(checks: readonly FailureCheck[]): string {
  if (checks.length === 0) return '';
  const items = checks.map(({ is_shown, statement }) => {
    const verdict = is_shown === null ? 'Not measured' : is_shown ? 'Seen' : 'Not seen';
    return `<li><strong>${verdict}.</strong> ${escapeHtml(statement)}</li>`;
  });
  return `<h3>Known failures of the first version</h3>\n<ul>${items.join('\n')}</ul>`;
}

function recallPlot({ contenders }: EvaluationResult): string {
  const recalls = HEADLINE_MEASURES.filter(({ group }) => group === 'Retrieval');
  const rows = recalls
    .map(({ label, read }) => ({ label, measures: contenders.map(read) }))
    .filter(({ measures }) => measures.some((measure) => !('left_out' in measure)));
  if (rows.length === 0) return '';
  const series = contenders.map(({ name }) => name);
  const plot = intervalPlot({ label: 'Recall of retrieval tasks by contender', axis: 'recall', rows, series });
  return `<h3>Retrieval at a glance</h3>\n${figure(plot, contenderLegend(contenders))}`;
}
