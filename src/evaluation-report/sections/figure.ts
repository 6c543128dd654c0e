import type { ContenderResult } from '../../evaluation/evaluation-result.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { markerKey } from '../plots/marker.ts';

/** A picture that scrolls where the window is narrower. @param caption HTML; '' for none */
export function figure(picture: string, caption = ''): string {
  const figcaption = caption === '' ? '' : `<figcaption>${caption}</figcaption>`;
  return `<figure><div class="picture">${picture}</div>${figcaption}</figure>`;
}

/** Names beside what stands for them in a plot. @param entries keys as HTML, names as plain text */
export function legend(entries: readonly { readonly key: string; readonly name: string }[]): string {
  const items = entries.map(({ key, name }) => `<li>${key} ${escapeHtml(name)}</li>`);
  return `<ul class="keys">${items.join('')}</ul>`;
}

export function contenderLegend(contenders: readonly ContenderResult[]): string {
  return legend(contenders.map(({ name }, i) => ({ key: markerKey(i), name })));
}
