import type { Panel } from '../api/collections.ts';

/** The name of a page within its book. */
export function pageName({ canonical_id, book }: Pick<Panel, 'canonical_id' | 'book'>): string {
  return canonical_id.startsWith(`${book}/`) ? canonical_id.slice(book.length + 1) : canonical_id;
}

/** The number of a panel for people: that of its file, else its place on the page. */
export function panelNumber({ number, panel }: { readonly number?: number | null; readonly panel: number }): number {
  return number ?? panel + 1;
}

const MAX_ALT_LENGTH = 160;

/** What a picture of a panel is called where it cannot be seen. */
export function panelAlt(panel: Pick<Panel, 'canonical_id' | 'book' | 'panel' | 'number' | 'text'>): string {
  const place = `Panel ${panelNumber(panel)} of ${pageName(panel)} in ${panel.book}`;
  if (!panel.text) return place;
  const text = panel.text.length > MAX_ALT_LENGTH ? `${panel.text.slice(0, MAX_ALT_LENGTH)}…` : panel.text;
  return `${place}: “${text}”`;
}

/** The address of a picture in one of the widths that the service makes. */
export function pictureUrl(url: string, width: 160 | 320 | 640 | 1280): string {
  return `${url}?width=${width}`;
}
