import type { BoxLayout } from '../../../preprocess/panel-box.ts';
import { isObject, type JsonObject } from '../../../util/json.ts';
import type { PageNote } from '../../page-notes.ts';
import {
  describeValue,
  type FilePanels,
  isBox,
  type PageOfFile,
  PanelFileError,
  pageOfFile,
  readSize,
  type TextBox,
} from '../file-panels.ts';
import { letteringAlone } from '../panel-file-text.ts';
import { wholePagePanel } from './whole-page.ts';

const BLOCK_LAYOUT: BoxLayout = { scale: 'pixels', order: 'xyxy' };
/** Writing without blanks between words: Han, kana, Bopomofo, their punctuation and full-width forms */
const UNSPACED =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Bopomofo}\\u3000-\\u303f\\uff00-\\uffef]';
const UNSPACED_START = new RegExp(`^${UNSPACED}`, 'u');
const UNSPACED_END = new RegExp(`${UNSPACED}$`, 'u');

/** Whether this is a volume of mokuro, or a page of its older versions. https://github.com/kha-white/mokuro */
export function isMokuro(json: unknown): json is JsonObject {
  if (!isObject(json) || 'panels' in json) return false;
  const pages = json['pages'];
  return Array.isArray(json['blocks']) || (Array.isArray(pages) && pages.length > 0 && pages.every(isMokuroPage));
}

/** Reads a page of mokuro, which knows texts and no panels: the page is one panel with all its texts. */
export function readMokuro(json: unknown): FilePanels {
  const { declaredSize, textBoxes, notes } = readMokuroTexts(json);
  const text = textBoxes.map((box) => box.text).join(' ');
  return {
    entries: [{ ...wholePagePanel(), words: letteringAlone(text.trim() === '' ? null : text) }],
    overallSummary: '',
    declaredSize,
    textBoxes: [],
    notes,
  };
}

/** Reads the texts of a page of mokuro, a block each. Lines of a block are joined without a blank where the script has none. */
export function readMokuroTexts(json: unknown): Pick<FilePanels, 'declaredSize' | 'textBoxes' | 'notes'> {
  const page = onePage(json);
  const blocks = page['blocks'];
  if (!Array.isArray(blocks)) throw new PanelFileError('no_blocks', `"blocks" is ${describeValue(blocks)}, not a list`);
  const textBoxes: TextBox[] = [];
  const notes: PageNote[] = [];
  for (const [i, block] of blocks.entries()) {
    const { box, lines } = isObject(block) ? block : {};
    const isText = Array.isArray(lines) && lines.every((line) => typeof line === 'string');
    if (!isText || !isBox(box)) notes.push({ note: 'bad_text', detail: `blocks[${i}]` });
    else {
      const text = joinLines(lines);
      if (text !== '') textBoxes.push({ layout: BLOCK_LAYOUT, numbers: box, text });
    }
  }
  return { declaredSize: readSize(page['img_width'], page['img_height']), textBoxes, notes };
}

export function splitMokuro(json: unknown): PageOfFile[] {
  const pages: unknown[] = isObject(json) && Array.isArray(json['pages']) ? json['pages'] : [json];
  return pages.filter(isObject).map((page, index) => pageOfFile(page['img_path'], page, index));
}

function onePage(json: unknown): JsonObject {
  const pages = isObject(json) && Array.isArray(json['pages']) ? json['pages'] : [json];
  if (pages.length > 1) throw new PanelFileError('many_pages', `the file has ${pages.length} pages`);
  const [page] = pages;
  if (isObject(page)) return page;
  throw new PanelFileError('not_an_object', `the file holds ${describeValue(page)}, not a page`);
}

function joinLines(lines: readonly string[]): string {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .reduce((text, line) => {
      const isUnspaced = UNSPACED_END.test(text) || UNSPACED_START.test(line);
      return text === '' || isUnspaced ? text + line : `${text} ${line}`;
    }, '');
}

function isMokuroPage(page: unknown): boolean {
  return isObject(page) && ('blocks' in page || 'img_path' in page);
}
