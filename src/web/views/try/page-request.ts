import type { DrawnPanel, PagePicture, PanelFile } from './drawn-page.ts';

const OUTPUTS = ['fused', 'vision', 'text', 'composition'] as const;
export type Output = (typeof OUTPUTS)[number];
export const PAGE_PATH = '/v1/embeddings/page';

export interface TriedPage {
  readonly picture: PagePicture;
  readonly panels: readonly DrawnPanel[];
  /** In place of the panels, while they are those of a file */
  readonly panelFile: PanelFile | undefined;
  /** undefined for the one used by default */
  readonly model: string | undefined;
}

/** The JSON of the request: a panel file as it was saved, or the boxes that were drawn. */
function toRequestJson({ panels, panelFile }: TriedPage): object {
  if (panelFile) return panelFile.json;
  return { panels: panels.map(({ box, text }) => (text.trim() === '' ? { bbox: box } : { bbox: box, text })) };
}

function toQuery({ model }: TriedPage): string {
  const query = new URLSearchParams(model === undefined ? {} : { model });
  for (const output of OUTPUTS) query.append('outputs', output);
  return query.toString();
}

export function toPath(page: TriedPage): string {
  return `${PAGE_PATH}?${toQuery(page)}`;
}

export function toForm(page: TriedPage): FormData {
  const form = new FormData();
  form.append('request', JSON.stringify(toRequestJson(page)));
  form.append('image', page.picture.file);
  return form;
}

/** The same request for a shell. Where a key is needed, it comes from the environment: what is copied holds none. */
export function toCurl(page: TriedPage, origin: string, { hasKey = false } = {}): string {
  const { panelFile, picture } = page;
  return [
    `curl ${quote(`${origin}${toPath(page)}`)} \\`,
    ...(hasKey ? ['  -H "authorization: Bearer $PANELVEC_API_KEY" \\'] : []),
    panelFile
      ? `  -F ${quote(`request=<${panelFile.name}`)} \\`
      : // With -F, curl would read what follows a semicolon in a text.
        `  --form-string ${quote(`request=${JSON.stringify(toRequestJson(page))}`)} \\`,
    `  -F ${quote(`image=@${picture.file.name}`)}`,
  ].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
