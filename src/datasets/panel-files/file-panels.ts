import type { Edges, PageSize } from '../../preprocess/boxes.ts';
import type { BoxLayout, BoxNumbers, PanelBox } from '../../preprocess/panel-box.ts';
import { isObject, type JsonObject } from '../../util/json.ts';
import type { Dataset } from '../dataset-spec.ts';
import type { PageNote } from '../page-notes.ts';
import { NO_WORDS, type PanelWords } from './panel-file-text.ts';

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
  /** All boxes of the file are fractions of the page, and the dataset does not say so */
  'boxes_in_fractions',
  /** The annotation stands for a crowd of objects */
  'crowd',
  /** The panel has more pixels than an image may have. Its page has, too */
  'crop_too_large',
  /** The page has the maximum number of panels already */
  'over_limit',
] as const;
export type PanelSkipReason = (typeof PANEL_SKIP_REASONS)[number];

/** A panel as its file describes it, before it is placed on the page. */
export interface FilePanel {
  /** The index in the file's list, from 0 */
  readonly index: number;
  readonly box: PanelBox;
  /** The number that the file gives it; null if it gives none */
  readonly number: number | null;
  readonly words: PanelWords;
  /** Edges of its lettering on the page, where they are known */
  readonly textAreas?: readonly Edges[];
  /** The names of notes */
  readonly notes: readonly string[];
}

export interface SkippedFilePanel {
  readonly index: number;
  readonly reason: PanelSkipReason;
}

/** A text, and the box that it stands in. */
export interface TextBox {
  readonly layout: BoxLayout;
  readonly numbers: BoxNumbers;
  readonly text: string;
}

/** What a file says about one page. */
export interface FilePanels {
  /** In reading order */
  readonly entries: readonly (FilePanel | SkippedFilePanel)[];
  /** '' if the file has none */
  readonly overallSummary: string;
  /** The size of the picture that the boxes were drawn on, if the file tells it */
  readonly declaredSize: PageSize | null;
  /** Texts that belong to the panels that they stand in, in reading order */
  readonly textBoxes: readonly TextBox[];
  readonly notes: readonly PageNote[];
}

type PanelsSpec = Dataset['panels'];
/** What a dataset says about its boxes, in place of what their format says */
export type FormatOptions = Pick<PanelsSpec, 'box_scale' | 'box_order' | 'reading_order'>;

/** Reads the JSON of one page. @throws PanelFileError if it is not of this format */
export type PanelFormatReader = (json: unknown, options: FormatOptions) => FilePanels;

/** A page of a file for many pages. */
export interface PageOfFile {
  /** The image as the file names it */
  readonly name: string;
  /** Why it can be no page of a dataset */
  readonly problem?: string;
  /** What a file of its own would hold */
  readonly json: unknown;
}

/** A page of a file for many pages, which must name its image. @param index its index in the file */
export function pageOfFile(name: unknown, json: unknown, index: number): PageOfFile {
  if (typeof name === 'string' && name.trim() !== '') return { name, json };
  return { name: '', json, problem: `page ${index} does not name its image` };
}

/** A panel file that gives no panels. */
export class PanelFileError extends Error {
  readonly reason: string;

  constructor(reason: string, problem: string) {
    super(problem);
    this.reason = reason;
  }
}

export function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

export function isBox(value: unknown): value is BoxNumbers {
  return Array.isArray(value) && value.length === 4 && value.every(isFiniteNumber);
}

export function boxProblem(box: unknown): PanelSkipReason {
  return box === undefined || box === null ? 'no_box' : 'bad_box';
}

/** The size in two fields of a file, numbers or their digits; null if it gives none. */
export function readSize(width: unknown, height: unknown): PageSize | null {
  const size = { width: readNumber(width), height: readNumber(height) };
  return size.width > 0 && size.height > 0 ? size : null;
}

/** Fields of a page that tell the size of its picture: of width and height apart, and of both */
const SIZE_FIELDS = [
  ['image_width', 'image_height'],
  ['img_width', 'img_height'],
  ['page_width', 'page_height'],
  ['width', 'height'],
] as const;
const JOINED_SIZE_FIELDS = ['image_size', 'img_size', 'page_size', 'size'] as const;
/** The names of all fields that may declare a size. */
export const DECLARED_SIZE_FIELDS: readonly string[] = [...SIZE_FIELDS.flat(), ...JOINED_SIZE_FIELDS];

/** The size of the picture that a page declares: null if it declares none, or one that is none, which is then in `bad`. */
export function readDeclaredSize(page: JsonObject): { readonly size: PageSize | null; readonly bad?: string } {
  const apart = SIZE_FIELDS.map((names) => names.map((name) => page[name] ?? null));
  const joined = JOINED_SIZE_FIELDS.map((name) => {
    const value = page[name];
    return isObject(value) ? [value['width'] ?? value['w'] ?? null, value['height'] ?? value['h'] ?? null] : value;
  }).filter(Array.isArray);
  const declared = [...apart, ...joined].find((pair) => pair.some((value) => value !== null));
  if (declared === undefined) return { size: null };
  const size = readSize(declared[0], declared[1]);
  return size === null ? { size, bad: JSON.stringify(declared) } : { size };
}

function readNumber(value: unknown): number {
  if (typeof value === 'string' && /^\s*\d+\s*$/.test(value)) return Number(value);
  return isFiniteNumber(value) ? value : Number.NaN;
}

/** The layout of the boxes of a format, with what the dataset says otherwise. */
export function boxLayout(format: BoxLayout, options: FormatOptions): BoxLayout {
  return { scale: options.box_scale ?? format.scale, order: options.box_order ?? format.order };
}

/** Panels of a tool that lists boxes and nothing else. */
export function listBoxes(boxes: readonly unknown[], layout: BoxLayout): (FilePanel | SkippedFilePanel)[] {
  return boxes.map((numbers, index) => {
    if (!isBox(numbers)) return { index, reason: boxProblem(numbers) };
    return { index, box: { form: 'detected', layout, numbers }, number: null, words: NO_WORDS, notes: [] };
  });
}

/** @throws PanelFileError naming the field */
export function requireList(json: JsonObject, field: string): readonly unknown[] {
  const list = json[field];
  if (Array.isArray(list)) return list;
  throw new PanelFileError('no_panel_list', `"${field}" is ${describeValue(list)}, not a list`);
}

export function describeValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : `a ${typeof value}`;
}
