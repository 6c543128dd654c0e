import type { BoxLayout } from '../../../preprocess/panel-box.ts';
import { isObject, type JsonObject } from '../../../util/json.ts';
import type { PageNote } from '../../page-notes.ts';
import {
  boxLayout,
  describeValue,
  type FilePanels,
  type FormatOptions,
  isBox,
  listBoxes,
  PanelFileError,
  readSize,
  requireList,
  type TextBox,
} from '../file-panels.ts';

const MAGI_LAYOUT: BoxLayout = { scale: 'pixels', order: 'xyxy' };

/** Whether this is the result of Magi for one page. https://github.com/ragavsachdeva/magi */
export function isMagi(json: unknown): json is JsonObject {
  if (!isObject(json) || !Array.isArray(json['panels']) || !json['panels'].every(Array.isArray)) return false;
  if ('texts' in json && 'ocr' in json) return true;
  // A page without panels could be of any tool that lists characters.
  return json['panels'].length > 0 && ['texts', 'ocr', 'characters', 'is_essential_text'].some((name) => name in json);
}

/**
 * Reads the result of Magi for a page: boxes [x1, y1, x2, y2] in pixels, which Magi has sorted, and the text of each text box in
 * `ocr`. Texts that are not essential, such as sound effects, are left out, as Magi leaves them out of its transcripts.
 */
export function readMagi(json: unknown, options: FormatOptions): FilePanels {
  if (!isObject(json))
    throw new PanelFileError('not_an_object', `the file holds ${describeValue(json)}, not an object`);
  const { texts, ocr, is_essential_text: essential } = json;
  const boxes: readonly unknown[] = Array.isArray(texts) ? texts : [];
  const words: readonly unknown[] = Array.isArray(ocr) ? ocr : [];
  if (words.length > 0 && words.length !== boxes.length) {
    throw new PanelFileError('texts_mismatch', `"texts" has ${boxes.length} boxes, and "ocr" ${words.length} texts`);
  }
  const layout = boxLayout(MAGI_LAYOUT, options);
  const notes: PageNote[] = [];
  const textBoxes: TextBox[] = [];
  if (!Array.isArray(ocr ?? words)) notes.push({ note: 'bad_text', detail: 'ocr' });
  for (const [i, text] of words.entries()) {
    const box = boxes[i];
    if (typeof text !== 'string' || !isBox(box)) notes.push({ note: 'bad_text', detail: `ocr[${i}]` });
    else if (Array.isArray(essential) && essential[i] === false)
      notes.push({ note: 'inessential_text', detail: `ocr[${i}]` });
    else if (text.trim() !== '') textBoxes.push({ layout, numbers: box, text });
  }
  return {
    entries: listBoxes(requireList(json, 'panels'), layout),
    overallSummary: '',
    declaredSize: readSize(json['image_width'], json['image_height']),
    textBoxes,
    notes,
  };
}
