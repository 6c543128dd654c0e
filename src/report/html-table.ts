import { escapeHtml } from './escape-html.ts';

export interface HtmlTable {
  /** Plain text */
  readonly caption: string;
  /** Plain names; the first is that of the rows' headers */
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** HTML, escaped. A row without cells is a heading for those below it. */
export interface TableRow {
  readonly header: string;
  readonly cells: readonly string[];
}

/** A table with headers for its columns and rows. It scrolls by itself where the window is narrower. */
export function htmlTable({ caption, columns, rows }: HtmlTable): string {
  const head = columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = rows.map(({ header, cells }) => {
    if (cells.length === 0)
      return `<tr class="group"><th scope="colgroup" colspan="${columns.length}">${header}</th></tr>`;
    return `<tr><th scope="row">${header}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll" role="region" aria-label="${escapeHtml(caption)}" tabindex="0">
<table class="data"><caption>${escapeHtml(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table>
</div>`;
}
