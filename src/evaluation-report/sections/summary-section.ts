import type { EvaluationResult, FailureCheck } from '../../evaluation/evaluation-result.ts';
import { HEADLINE_MEASURES, measureLabel } from '../../evaluation/headline-measures.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { htmlTable } from '../../report/html-table.ts';
import { claimVerdict, describeDataset, describeSplit, failureVerdict } from '../describe-evaluation.ts';
import { formatPercent, formatSigned } from '../format-measure.ts';
import { KIND_LABELS } from '../labels.ts';
import { intervalPlot } from '../plots/interval-plot.ts';
import { contenderLegend, figure } from './figure.ts';

/** What was measured, on what, and what came of the claims, in plain words. */
export function summarySection(result: EvaluationResult): string {
  return [
    ...[describeDataset(result), describeSplit(result.split)].map((text) => `<p>${escapeHtml(text)}</p>`),
    contendersTable(result),
    claimsTable(result),
    failures(result.first_version_failures),
    recallPlot(result),
  ].join('\n');
}

function contendersTable({ contenders }: EvaluationResult): string {
  const rows = contenders.map(({ name, kind, description, dimensions, space }) => ({
    header: escapeHtml(name),
    cells: [KIND_LABELS[kind], escapeHtml(description), String(dimensions), escapeHtml(space ?? '–')],
  }));
  return htmlTable({ caption: 'Contenders', columns: ['name', 'kind', 'what it is', 'dimensions', 'space'], rows });
}

function claimsTable({ claims, comparisons }: EvaluationResult): string {
  if (claims.length === 0) return '';
  const rows = claims.map((claim) => ({
    header: escapeHtml(claim.claim),
    cells: [
      escapeHtml(measureLabel(claim.measure)),
      escapeHtml(`${claim.contender} against ${claim.baseline}`),
      formatSigned(claim.claimed, formatPercent),
      claim.measured === null ? '–' : formatSigned(claim.measured, formatPercent),
      escapeHtml(claimVerdict(claim, comparisons)),
    ],
  }));
  const columns = ['claim', 'measure', 'compared', 'claimed', 'measured', 'verdict'];
  return htmlTable({ caption: 'Claims beside what was measured', columns, rows });
}

function failures(checks: readonly FailureCheck[]): string {
  if (checks.length === 0) return '';
  const items = checks.map(
    (check) => `<li><strong>${failureVerdict(check)}.</strong> ${escapeHtml(check.statement)}</li>`,
  );
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
