import { joinVlmText } from '../../preprocess/panel-text.ts';
import { isObject } from '../../util/json.ts';

export interface PanelText {
  /** null if there is none or it is blank */
  readonly text: string | null;
  /** Whether a value that should have been text was left out */
  readonly hasBadText: boolean;
}

/** Reads the text of an OCR panel, unchanged. */
export function readOcrText(text: unknown): PanelText {
  if (typeof text !== 'string') return { text: null, hasBadText: text !== undefined && text !== null };
  return { text: nullIfBlank(text), hasBadText: false };
}

/** Reads the description and lettering of a VLM panel as one text. Each may be a list of pieces. */
export function readVlmText(panel: { readonly description?: unknown; readonly text_content?: unknown }): PanelText {
  const { text_content: lettering } = panel;
  const entries: unknown[] = Array.isArray(lettering) ? lettering : [];
  const pieces = entries.filter(isObject).map((entry) => readPiece(entry.text));
  const description = readPiece(panel.description);
  const text = joinVlmText({ description: description.text, text_content: pieces });
  const isBadList = !Array.isArray(lettering) && lettering !== undefined && lettering !== null;
  return {
    text: nullIfBlank(text),
    hasBadText: isBadList || [description, ...pieces].some((piece) => piece.hasBadText),
  };
}

/** Reads a text, or joins the non-empty pieces of a list with blanks. */
function readPiece(value: unknown): PanelText {
  if (!Array.isArray(value)) return readOcrText(value);
  const truthy = value.filter(Boolean);
  const texts = truthy.filter((piece) => typeof piece === 'string' || typeof piece === 'number');
  return { text: texts.join(' '), hasBadText: texts.length < truthy.length };
}

function nullIfBlank(text: string): string | null {
  return text.trim() === '' ? null : text;
}
