import {
  type ContenderResult,
  type EvaluationResult,
  type NeighbourSheet,
  RETRIEVAL_TASKS,
  type RetrievalTask,
} from '../../evaluation/evaluation-result.ts';
import { TASK_LABELS } from '../../evaluation/headline-measures.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { formatValue } from '../format-measure.ts';
import type { PictureLibrary } from '../panel-pictures.ts';

const CHOICE_LABELS: Readonly<Record<NeighbourSheet['choice'], string>> = {
  best: 'best',
  worst: 'worst',
  random: 'at random',
};
/** More of a text would push the pictures out of sight. */
const MAX_TEXT_LENGTH = 300;

/** Queries with what they find, as pictures. */
export function sheetsSection({ contenders }: EvaluationResult, library: PictureLibrary): string {
  const all = contenders.flatMap(({ sheets }) => sheets);
  if (all.length === 0) return '<p>There are no sheets.</p>';
  const shown = new Set(all.filter((sheet) => library.take(sheet)));
  const tasks = [...new Set(all.map(({ task }) => task))];
  const leftOut = all.length - shown.size;
  const note =
    leftOut === 0
      ? ''
      : `<p>${leftOut} of ${all.length} sheets are left out, so that the file stays small enough to send.</p>`;
  return `<p>For each query: the nearest panels, nearest first, with their cosines. The right panel has a frame and a tick; where it is not among them, it stands at the end. Best: found at once, with the largest distance to the next. Worst: the right panel is furthest down. The random queries are the same for all contenders.</p>
${note}
${tasks.map((task) => taskSheets(task, contenders, shown, library)).join('\n')}`;
}

function taskSheets(
  task: RetrievalTask,
  contenders: readonly ContenderResult[],
  shown: ReadonlySet<NeighbourSheet>,
  library: PictureLibrary,
): string {
  const groups = contenders.flatMap(({ name, sheets }, i) => {
    const drawn = sheets.filter((sheet) => sheet.task === task && shown.has(sheet));
    if (drawn.length === 0) return [];
    const content = drawn.map((sheet) => renderSheet(sheet, library)).join('\n');
    return [`<details${i === 0 ? ' open' : ''}><summary>${escapeHtml(name)}</summary>\n${content}</details>`];
  });
  return groups.length === 0 ? '' : `<h3>${escapeHtml(TASK_LABELS[task])}</h3>\n${groups.join('\n')}`;
}

function renderSheet(sheet: NeighbourSheet, library: PictureLibrary): string {
  const { choice, query, rank, found } = sheet;
  const items = found.map(({ panel, cosine }) => {
    const isRight = panel === query;
    const caption = `${formatValue(cosine, 2)}${isRight ? ' ✓' : ''}`;
    return `<li${isRight ? ' class="right"' : ''}>${library.show(panel)}<span>${caption}</span></li>`;
  });
  if (!found.some(({ panel }) => panel === query)) {
    items.push(`<li class="right missed">${library.show(query)}<span>✓ rank ${formatRank(rank)}</span></li>`);
  }
  return `<div class="sheet">
<p><strong>${CHOICE_LABELS[choice]}</strong>, rank ${formatRank(rank)}: ${describeQuery(sheet)}</p>
<ol>${items.join('')}</ol>
</div>`;
}

function describeQuery({ task, query, query_text }: NeighbourSheet): string {
  if (query_text === null) return `the ${RETRIEVAL_TASKS[task].query.replaceAll('_', ' ')} of ${escapeHtml(query)}`;
  const text = query_text.length > MAX_TEXT_LENGTH ? `${query_text.slice(0, MAX_TEXT_LENGTH)}…` : query_text;
  return `“${escapeHtml(text)}” <span class="hint">(${escapeHtml(query)})</span>`;
}

/** Ranks may lie between whole numbers: equals of the right panel count half. */
function formatRank(rank: number): string {
  return Number.isInteger(rank) ? String(rank) : rank.toFixed(1);
}
