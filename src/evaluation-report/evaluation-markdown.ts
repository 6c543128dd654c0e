import type { EvaluationResult } from '../evaluation/evaluation-result.ts';
import { HEADLINE_MEASURES, measureLabel } from '../evaluation/headline-measures.ts';
import { claimVerdict, describeDataset, describeSplit, failureVerdict } from './describe-evaluation.ts';
import { formatInterval, formatPercent, formatSigned, formatValue } from './format-measure.ts';
import { KIND_LABELS } from './labels.ts';

/**
 * The result of an evaluation as Markdown: what was measured, the headline measures with their intervals, and the claims. It has
 * no headings, so that it fits into a README or a model card.
 */
export function evaluationMarkdown(result: EvaluationResult): string {
  const { first_version_failures: failures, notes } = result;
  const blocks = [
    escapeMarkdown(`${describeDataset(result)} ${describeSplit(result.split)}`),
    measuresTable(result),
    'Brackets: 95 % intervals. ↑ higher is better, ↓ lower is better.',
    claimsTable(result),
    failures.map((check) => `- ${failureVerdict(check)}: ${escapeMarkdown(check.statement)}`).join('\n'),
    notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** Rows that no contender has a value of are left out. */
function measuresTable({ contenders }: EvaluationResult): string {
  const rows = HEADLINE_MEASURES.flatMap(({ label, better, read }) => {
    const measures = contenders.map(read);
    if (measures.every((measure) => 'left_out' in measure)) return [];
    const cells = measures.map((measure) =>
      'left_out' in measure ? '–' : `${formatValue(measure.value)} ${formatInterval(measure)}`,
    );
    return [[`${label} ${better === 'higher' ? '↑' : '↓'}`, ...cells]];
  });
  return table(['measure', ...contenders.map(({ name, kind }) => `${name} (${KIND_LABELS[kind]})`)], rows);
}

function claimsTable({ claims, comparisons }: EvaluationResult): string {
  if (claims.length === 0) return '';
  const rows = claims.map((claim) => [
    claim.claim,
    measureLabel(claim.measure),
    `${claim.contender} against ${claim.baseline}`,
    formatSigned(claim.claimed, formatPercent),
    claim.measured === null ? '–' : formatSigned(claim.measured, formatPercent),
    claimVerdict(claim, comparisons),
  ]);
  return table(['claim', 'measure', 'compared', 'claimed', 'measured', 'verdict'], rows);
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** Names and notes are plain text. Square brackets stay: only with a parenthesis behind them they would be a link. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_|<>#]/g, '\\$&')
    .replaceAll('](', ']\\(');
}
