import { BBOX_LAYOUT } from '../../../preprocess/panel-box.ts';
import { isObject } from '../../../util/json.ts';
import {
  boxLayout,
  type FilePanels,
  type FormatOptions,
  listBoxes,
  type PageOfFile,
  PanelFileError,
  pageOfFile,
  readSize,
  requireList,
} from '../file-panels.ts';

/** Whether this is output of Kumiko: a page, or a list of pages. https://github.com/njean42/kumiko */
export function isKumiko(json: unknown): boolean {
  const pages = Array.isArray(json) ? json : [json];
  return pages.length > 0 && pages.every(isKumikoPage);
}

/** Reads a page of Kumiko: boxes [x, y, width, height] in pixels, in the order that its `numbering` gave them. */
export function readKumiko(json: unknown, options: FormatOptions): FilePanels {
  const pages = Array.isArray(json) ? json : [json];
  const [page, ...others] = pages;
  if (others.length > 0) throw new PanelFileError('many_pages', `the file has ${pages.length} pages`);
  if (!isObject(page)) throw new PanelFileError('not_an_object', 'the file has no page');
  const size = Array.isArray(page['size']) ? page['size'] : [];
  return {
    entries: listBoxes(requireList(page, 'panels'), boxLayout(BBOX_LAYOUT, options)),
    overallSummary: '',
    declaredSize: readSize(size[0], size[1]),
    textBoxes: [],
    notes: [],
  };
}

export function splitKumiko(json: unknown): PageOfFile[] {
  const pages: unknown[] = Array.isArray(json) ? json : [json];
  return pages.filter(isObject).map((page, index) => pageOfFile(page['filename'], page, index));
}

function isKumikoPage(page: unknown): boolean {
  if (!isObject(page) || !Array.isArray(page['panels']) || 'texts' in page) return false;
  const names = ['filename', 'size', 'numbering', 'gutters'].filter((name) => name in page);
  // A page without panels could be of any tool that tells a size.
  return page['panels'].every(Array.isArray) && names.length >= (page['panels'].length > 0 ? 1 : 2);
}
