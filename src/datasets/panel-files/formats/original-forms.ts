import { BBOX_LAYOUT, BOX_2D_LAYOUT } from '../../../preprocess/panel-box.ts';
import { isObject, type JsonObject } from '../../../util/json.ts';
import type { PageNote } from '../../page-notes.ts';
import {
  boxLayout,
  boxProblem,
  describeValue,
  type FilePanel,
  type FilePanels,
  type FormatOptions,
  isBox,
  PanelFileError,
  readDeclaredSize,
  type SkippedFilePanel,
} from '../file-panels.ts';
import { readOcrText, readVlmText } from '../panel-file-text.ts';

type PanelReader = (panel: JsonObject, index: number, options: FormatOptions) => FilePanel | SkippedFilePanel;

/** Reads the VLM form of Stage 1: `box_2d`, `description`, `text_content`. */
export function readVlmPanels(json: unknown, options: FormatOptions): FilePanels {
  return readPanelObjects(json, options, (panel, index) => {
    const numbers = panel['box_2d'];
    if (!isBox(numbers)) return { index, reason: boxProblem(numbers) };
    const { number, isBad } = readPanelNumber(panel['panel_number']);
    const { note, ...words } = readVlmText(panel);
    const notes = [note, isBad ? 'bad_panel_number' : null].filter((name) => name !== null);
    return { index, box: { form: 'vlm', layout: boxLayout(BOX_2D_LAYOUT, options), numbers }, number, words, notes };
  });
}

/** Reads the OCR form of Stage 1: `bbox` and `text`. Its panel numbers have no influence on vectors. */
export function readOcrPanels(json: unknown, options: FormatOptions): FilePanels {
  return readPanelObjects(json, options, (panel, index) => {
    const numbers = panel['bbox'];
    if (!isBox(numbers)) return { index, reason: boxProblem(numbers) };
    const { number } = readPanelNumber(panel['panel_number']);
    const { note, ...words } = readOcrText(panel);
    const notes = note === null ? [] : [note];
    return { index, box: { form: 'ocr', layout: boxLayout(BBOX_LAYOUT, options), numbers }, number, words, notes };
  });
}

/** Reads the position of a panel, a number or its digits; null where the position in the list takes its place. */
export function readPanelNumber(value: unknown): { readonly number: number | null; readonly isBad: boolean } {
  if (value === undefined || value === null) return { number: null, isBad: false };
  const number = typeof value === 'string' && /^\s*\d{1,6}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number)
    ? { number, isBad: false }
    : { number: null, isBad: true };
}

/** Reads a list of objects, or an object of named ones. */
function readPanelObjects(json: unknown, options: FormatOptions, readPanel: PanelReader): FilePanels {
  if (!isObject(json))
    throw new PanelFileError('not_an_object', `the file holds ${describeValue(json)}, not an object`);
  const { panels, overall_summary: summary } = json;
  const { size: declaredSize, bad: badSize } = readDeclaredSize(json);
  const notes: PageNote[] = [];
  if (panels === null) notes.push({ note: 'panels_null' });
  if (badSize !== undefined) notes.push({ note: 'bad_size', detail: badSize });
  const list = isObject(panels) ? Object.values(panels) : (panels ?? (panels === null ? [] : undefined));
  if (!Array.isArray(list))
    throw new PanelFileError('no_panel_list', `"panels" is ${describeValue(panels)}, not a list`);
  return {
    entries: list.map((panel: unknown, index) =>
      isObject(panel) ? readPanel(panel, index, options) : { index, reason: 'not_an_object' },
    ),
    overallSummary: typeof summary === 'string' ? summary : '',
    declaredSize,
    textBoxes: [],
    notes,
  };
}
