import { isObject, type JsonObject } from '../../util/json.ts';
import type { PanelFormat } from '../dataset-spec.ts';
import { describeValue, PanelFileError } from './file-panels.ts';
import { isCoco } from './formats/coco.ts';
import { isKumiko } from './formats/kumiko.ts';
import { isMagi } from './formats/magi.ts';
import { isMokuro } from './formats/mokuro.ts';

const MAX_NAMED_FIELDS = 8;
const MAX_NESTING = 3;

/** The formats that files are of */
type KnownFormat = Exclude<PanelFormat, 'auto' | 'whole_page'>;

/** The format of a panel file, as its fields tell it. @throws PanelFileError naming what the file has */
export function detectFormat(json: unknown): KnownFormat {
  if (isCoco(json)) return 'coco';
  if (isMokuro(json)) return 'mokuro';
  if (isMagi(json)) return 'magi';
  const boxFields = listBoxFields(json);
  if (boxFields.has('box_2d') && boxFields.has('bbox')) {
    throw new PanelFileError('unknown_format', 'some panels have "box_2d" and some "bbox": give panels.format');
  }
  if (boxFields.has('bbox')) return 'ocr';
  if (boxFields.has('box_2d')) return 'vlm';
  if (isKumiko(json)) return 'kumiko';
  if (isObject(json) && hasNoPanels(json)) return 'vlm';
  if (json === null || typeof json !== 'object') {
    throw new PanelFileError('not_an_object', `the file holds ${describeValue(json)}, not an object`);
  }
  throw new PanelFileError('unknown_format', `the file is of no known format: it holds ${describeContents(json)}`);
}

/**
 * Refuses a file that is clearly of another format than the dataset says: Kumiko and Magi, for one, write the numbers of a box in
 * different orders. @throws PanelFileError
 */
export function assertFormat(json: unknown, format: KnownFormat): void {
  if (isObject(json) && hasNoPanels(json)) return;
  let detected: KnownFormat;
  try {
    detected = detectFormat(json);
  } catch {
    return;
  }
  if (detected === format) return;
  throw new PanelFileError('other_format', `the file is of the format ${detected}, and the dataset says ${format}`);
}

/**
 * Takes a page out of what some tools put around it: lists of one, and objects in which it is the only page. A list of panels
 * alone becomes a page, if their boxes can be of one form only.
 */
export function unwrapPage(json: unknown): { readonly page: unknown; readonly isNested: boolean } {
  if (isPanelList(json)) return { page: { panels: json }, isNested: true };
  if (isPage(json) || isCoco(json) || isMokuro(json) || isKumiko(json)) return { page: json, isNested: false };
  const [page, ...others] = findPages(json, MAX_NESTING);
  return page === undefined || others.length > 0 ? { page: json, isNested: false } : { page, isNested: true };
}

function findPages(value: unknown, depth: number): JsonObject[] {
  if (isPage(value)) return [value];
  if (depth === 0 || (Array.isArray(value) && value.length !== 1)) return [];
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((entry) => findPages(entry, depth - 1))
    : [];
}

function isPage(value: unknown): value is JsonObject {
  return isObject(value) && 'panels' in value;
}

/** Whether this is a list of VLM panels. Detectors make lists of whatever they find, and put `bbox` in any order. */
function isPanelList(json: unknown): boolean {
  if (!Array.isArray(json) || json.length === 0) return false;
  return json.every(
    (entry) => isObject(entry) && 'box_2d' in entry && /^panel\b/i.test(String(entry['label'] ?? 'panel')),
  );
}

function listBoxFields(json: unknown): ReadonlySet<string> {
  const panels = isObject(json) && typeof json['panels'] === 'object' ? Object.values(json['panels'] ?? {}) : [];
  return new Set(panels.filter(isObject).flatMap((panel) => ['box_2d', 'bbox'].filter((field) => field in panel)));
}

/** Whether a page says that it has no panels, which is the same in all formats. */
function hasNoPanels({ panels }: JsonObject): boolean {
  return panels === null || (typeof panels === 'object' && Object.keys(panels).length === 0);
}

/** What a file of no known format has, for messages. */
export function describeContents(json: unknown): string {
  if (Array.isArray(json)) return `a list of ${json.length}, of which the first is ${describeValue(json[0])}`;
  if (!isObject(json)) return describeValue(json);
  const names = Object.keys(json)
    .slice(0, MAX_NAMED_FIELDS)
    .map((name) => JSON.stringify(name));
  return names.length === 0 ? 'an empty object' : `the fields ${names.join(', ')}`;
}
