import { readOcrText, readVlmText } from '../../../datasets/panel-files/panel-file-text.ts';
import type { PageResponse } from '../../../http/routes/embeddings/page-response.ts';
import { isObject } from '../../../util/json.ts';
import { type DrawnPanel, makePanel, type PanelFile } from './drawn-page.ts';

/** @throws Error saying why it is no panel file */
export async function readPanelFile(file: File): Promise<PanelFile> {
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch (error) {
    throw new Error(`${file.name} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isObject(json)) throw new Error(`${file.name} is no panel file: it is not an object.`);
  return { name: file.name, json };
}

/** The panels of a file, with the boxes in pixels that the service has read. */
export function panelsOfFile({ json }: PanelFile, { metadata }: PageResponse['data'][number]): DrawnPanel[] {
  const { panels } = json;
  const filePanels = Array.isArray(panels) ? panels : isObject(panels) ? Object.values(panels) : [];
  return metadata.panels.map(({ crop }, i) => {
    const [left = 0, top = 0, right = 0, bottom = 0] = crop;
    return makePanel([left, top, right - left, bottom - top], readText(filePanels[i]));
  });
}

function readText(panel: unknown): string {
  if (!isObject(panel)) return '';
  const isVlm = panel['description'] !== undefined || panel['text_content'] !== undefined;
  return (isVlm ? readVlmText(panel) : readOcrText(panel)).text ?? '';
}
