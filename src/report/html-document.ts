import { escapeHtml } from './escape-html.ts';
import { REPORT_STYLE } from './report-style.ts';

export interface HtmlDocument {
  /** Plain text */
  readonly title: string;
  /** HTML below the title */
  readonly content: string;
  /** CSS beside that of all reports */
  readonly style?: string;
}

/** A report as one HTML file that needs neither network nor scripts. Its policy forbids both, should a text not be escaped. */
export function htmlDocument({ title, content, style = '' }: HtmlDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
${REPORT_STYLE}${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`;
}
