import { BoxError, cropFromBBox, cropFromBox2d, type PageSize } from '../../preprocess/boxes.ts';
import { compositionFromBBox, compositionFromBox2d } from '../../preprocess/composition-features.ts';
import type { Crop } from '../../preprocess/image/resize-crop.ts';
import { isObject, type JsonObject } from '../../util/json.ts';
import type { PanelFormat } from '../dataset-spec.ts';
import { type PanelText, readOcrText, readVlmText } from './panel-file-text.ts';

/** The reasons for which a panel is skipped. */
export const PANEL_SKIP_REASONS = [
  /** The entry is not an object */
  'not_an_object',
  /** It has no box */
  'no_box',
  /** The box is not four numbers, or out of all proportion to the page */
  'bad_box',
  'no_area',
  'outside_page',
  /** The box covers no whole pixel, as in a file whose boxes are fractions */
  'under_a_pixel',
  /** The page has the maximum number of panels already */
  'over_limit',
] as const;
export type PanelSkipReason = (typeof PANEL_SKIP_REASONS)[number];

/** Problems of panels that are kept. bad_text: a text that is not a string was left out. */
export const PANEL_NOTES = ['bad_text'] as const;
export type PanelNote = (typeof PANEL_NOTES)[number];

/** The reasons for which a panel file has no panels. */
export const PANEL_FILE_PROBLEMS = ['not_an_object', 'no_panel_list'] as const;
export type PanelFileProblem = (typeof PANEL_FILE_PROBLEMS)[number];

export interface DatasetPanel {
  /** The index in the file's list, from 0 */
  readonly index: number;
  /** The number that the file gives it; null if it gives none */
  readonly number: number | null;
  /** The numbers of its box, as the file has them */
  readonly box: readonly number[];
  readonly crop: Crop;
  /** The seven composition features */
  readonly composition: Float32Array;
  /** null if there is none or it is blank */
  readonly text: string | null;
}

export interface PagePanels {
  readonly panels: readonly DatasetPanel[];
  readonly skipped: readonly { readonly at: number; readonly reason: PanelSkipReason }[];
  readonly notes: readonly { readonly at: number; readonly note: PanelNote }[];
  /** '' if the file has none */
  readonly overallSummary: string;
  readonly problem: PanelFileProblem | null;
}

/**
 * Reads the panels of a parsed panel file as Stage 3 does: the first `maxPanels` of its list (or of the values of its object)
 * that have a box on the page. Never throws, whatever the file holds.
 */
export function readPagePanels(json: unknown, format: PanelFormat, page: PageSize, maxPanels: number): PagePanels {
  const panels: DatasetPanel[] = [];
  const skipped: { at: number; reason: PanelSkipReason }[] = [];
  const notes: { at: number; note: PanelNote }[] = [];
  if (!isObject(json)) return { panels, skipped, notes, overallSummary: '', problem: 'not_an_object' };
  const list = listPanels(json['panels']);
  const readPanel = format === 'vlm' ? readVlmPanel : readOcrPanel;
  for (const [index, panel] of list?.entries() ?? []) {
    if (index >= maxPanels) {
      skipped.push({ at: index, reason: 'over_limit' });
      continue;
    }
    const result = isObject(panel)
      ? reasonOnBoxError(() => readPanel(panel, page, panels.length + 1))
      : 'not_an_object';
    if (typeof result === 'string') skipped.push({ at: index, reason: result });
    else {
      const { hasBadText, ...content } = result;
      panels.push({ index, ...content });
      if (hasBadText) notes.push({ at: index, note: 'bad_text' });
    }
  }
  const summary = json['overall_summary'];
  const overallSummary = typeof summary === 'string' ? summary : '';
  return { panels, skipped, notes, overallSummary, problem: list === null ? 'no_panel_list' : null };
}

type PanelContent = PanelText & Omit<DatasetPanel, 'index'>;

function readVlmPanel(panel: JsonObject, page: PageSize, defaultNumber: number): PanelContent | PanelSkipReason {
  const box = panel['box_2d'];
  if (!isBox(box)) return boxProblem(box);
  const number = readNumber(panel);
  const place = { crop: cropFromBox2d(box, page), composition: compositionFromBox2d(box, number ?? defaultNumber) };
  return { number, box, ...place, ...readVlmText(panel) };
}

function readOcrPanel(panel: JsonObject, page: PageSize): PanelContent | PanelSkipReason {
  const box = panel['bbox'];
  if (!isBox(box)) return boxProblem(box);
  const place = { crop: cropFromBBox(box, page), composition: compositionFromBBox(box, page) };
  return { number: readNumber(panel), box, ...place, ...readOcrText(panel['text']) };
}

function readNumber({ panel_number: number }: JsonObject): number | null {
  return isFiniteNumber(number) ? number : null;
}

function boxProblem(box: unknown): PanelSkipReason {
  return box === undefined || box === null ? 'no_box' : 'bad_box';
}

/** Turns the error that refuses a box into its reason. Other errors are not the file's fault. */
function reasonOnBoxError<T>(read: () => T): T | PanelSkipReason {
  try {
    return read();
  } catch (error) {
    if (error instanceof BoxError) return error.reason;
    throw error;
  }
}

function listPanels(panels: unknown): readonly unknown[] | null {
  if (Array.isArray(panels)) return panels;
  return isObject(panels) ? Object.values(panels) : null;
}

function isBox(value: unknown): value is [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every(isFiniteNumber);
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}
