import { BBOX_LAYOUT, type BoxLayout, readEdges } from '../../../preprocess/panel-box.ts';
import { isObject, type JsonObject } from '../../../util/json.ts';
import type { PageNote } from '../../page-notes.ts';
import {
  boxLayout,
  boxProblem,
  type FilePanel,
  type FilePanels,
  type FormatOptions,
  isBox,
  type PageOfFile,
  PanelFileError,
  pageOfFile,
  readSize,
  requireList,
  type SkippedFilePanel,
  type TextBox,
} from '../file-panels.ts';
import { NO_WORDS, PIECE_FIELDS } from '../panel-file-text.ts';
import { sortForReading } from '../reading-order.ts';

/** Names of categories, in lower case and without signs */
const PANEL_CATEGORIES: ReadonlySet<string> = new Set([
  'panel',
  'panels',
  'frame',
  'frames',
  'comicpanel',
  'comicpanels',
  'comicframe',
  'comicframes',
  'mangapanel',
  'mangapanels',
  'mangaframe',
  'mangaframes',
  'vignette',
  'vignettes',
  'koma',
  'コマ',
]);
const TEXT_CATEGORIES: ReadonlySet<string> = new Set([
  'text',
  'texts',
  'textbox',
  'textblock',
  'dialogue',
  'caption',
  'narration',
  'onomatopoeia',
  'sfx',
  'balloon',
  'speechballoon',
  'bubble',
  'speechbubble',
]);
/** Fields of an annotation, or of its `attributes`, that tools put a text into. People name attributes, in whatever case */
const TEXT_FIELDS = [...new Set(['text', 'transcription', 'utf8_string', 'ocr', 'rec', 'caption', ...PIECE_FIELDS])];
const MAX_NAMED_CATEGORIES = 10;

/** Whether this is a file of COCO detections. https://cocodataset.org/#format-data */
export function isCoco(json: unknown): json is JsonObject {
  return isObject(json) && Array.isArray(json['images']) && Array.isArray(json['annotations']);
}

/**
 * Reads a COCO file of one image: boxes [x, y, width, height] in pixels of the panel category, which the order of reading sorts, and
 * the texts of text categories.
 */
export function readCoco(json: unknown, options: FormatOptions): FilePanels {
  if (!isCoco(json)) throw new PanelFileError('no_panel_list', 'the file has no lists "images" and "annotations"');
  const images = requireList(json, 'images');
  if (images.length !== 1) throw new PanelFileError('many_pages', `the file has ${images.length} images`);
  const [image] = images;
  const categories = readCategories(json);
  const allAnnotations = requireList(json, 'annotations').filter(isObject);
  const annotations = allAnnotations.filter((annotation) => isOfImage(annotation, image));
  const otherCount = allAnnotations.length - annotations.length;
  const ofCategory = (ids: ReadonlySet<string>) => annotations.filter((entry) => ids.has(String(entry['category_id'])));
  const layout = boxLayout(BBOX_LAYOUT, options);
  const panels: FilePanel[] = [];
  const skipped: SkippedFilePanel[] = [];
  for (const [index, annotation] of ofCategory(categories.panels).entries()) {
    const numbers = readBox(annotation, layout);
    if (isCrowd(annotation)) skipped.push({ index, reason: 'crowd' });
    else if (!isBox(numbers)) skipped.push({ index, reason: boxProblem(numbers) });
    else panels.push({ index, box: { form: 'detected', layout, numbers }, number: null, words: NO_WORDS, notes: [] });
  }
  const { textBoxes, notes } = readTexts(ofCategory(categories.texts), layout);
  const { reading_order: order } = options;
  return {
    entries: [...sortForReading(panels, ({ box }) => readEdges(box.numbers, layout.order), order), ...skipped],
    overallSummary: '',
    declaredSize: isObject(image) ? readSize(image['width'], image['height']) : null,
    textBoxes: sortForReading(textBoxes, ({ numbers }) => readEdges(numbers, layout.order), order),
    notes: otherCount === 0 ? notes : [...notes, { note: 'annotations_of_other_images', detail: `${otherCount}` }],
  };
}

/** Whether an annotation is of the only image of a file, which it need not name. */
function isOfImage({ image_id: imageId }: JsonObject, image: unknown): boolean {
  return imageId === undefined || (isObject(image) && String(imageId) === String(image['id']));
}

/** Splits a COCO file into one for each image. */
export function splitCoco(json: unknown): PageOfFile[] {
  if (!isCoco(json)) return [];
  const images = requireList(json, 'images').filter(isObject);
  const { categories } = json;
  const byImage = new Map(images.map(({ id }) => [String(id), [] as JsonObject[]]));
  const imagesById = Map.groupBy(images, ({ id }) => String(id));
  const orphans = requireList(json, 'annotations').filter((annotation) => {
    const ofImage = isObject(annotation) ? byImage.get(String(annotation['image_id'])) : undefined;
    if (isObject(annotation)) ofImage?.push(annotation);
    return ofImage === undefined;
  });
  const pages = images.map((image, index) => {
    const id = String(image['id']);
    const annotations = byImage.get(id) ?? [];
    // Nobody knows which of them an annotation is of.
    if ((imagesById.get(id)?.length ?? 0) > 1)
      return { name: '', json: null, problem: `several images have the id ${JSON.stringify(image['id'] ?? null)}` };
    return pageOfFile(image['file_name'], { images: [image], annotations, categories }, index);
  });
  if (orphans.length === 0) return pages;
  const problem = `${orphans.length} annotations are of images that the file does not list`;
  return [...pages, { name: '', json: null, problem }];
}

interface Categories {
  /** Ids as texts: some tools write numbers, some their digits */
  readonly panels: ReadonlySet<string>;
  readonly texts: ReadonlySet<string>;
}

/** @throws PanelFileError naming the categories, if none is of panels */
function readCategories(json: JsonObject): Categories {
  const categories = Array.isArray(json['categories']) ? json['categories'].filter(isObject) : [];
  const idsOf = (names: ReadonlySet<string>) => {
    const matching = categories.filter(({ name }) => typeof name === 'string' && names.has(simplifyName(name)));
    return new Set(matching.map(({ id }) => String(id)));
  };
  const panels = idsOf(PANEL_CATEGORIES);
  if (panels.size > 0) return { panels, texts: idsOf(TEXT_CATEGORIES) };
  const names = categories.slice(0, MAX_NAMED_CATEGORIES).map(({ name }) => JSON.stringify(name));
  const found = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
  throw new PanelFileError('no_panel_category', `no category has a name such as "panel" or "frame": ${found}`);
}

function simplifyName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function isCrowd({ iscrowd }: JsonObject): boolean {
  return iscrowd === 1 || iscrowd === true;
}

/** The box of an annotation, or that of its polygons, whose corners need no order. */
function readBox({ bbox, segmentation }: JsonObject, { order }: BoxLayout): unknown {
  if (bbox !== undefined && bbox !== null) return bbox;
  if (!Array.isArray(segmentation)) return undefined;
  const points: unknown[] = segmentation.flat();
  const numbers = points.filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[];
  if (numbers.length < 6 || numbers.length !== points.length) return undefined;
  const xs = numbers.filter((_, i) => i % 2 === 0);
  const ys = numbers.filter((_, i) => i % 2 === 1);
  const [left, top, right, bottom] = [minimum(xs), minimum(ys), maximum(xs), maximum(ys)];
  if (order === 'xyxy') return [left, top, right, bottom];
  return order === 'yxyx' ? [top, left, bottom, right] : [left, top, right - left, bottom - top];
}

function minimum(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function maximum(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

function readTexts(
  annotations: readonly JsonObject[],
  layout: BoxLayout,
): { readonly textBoxes: TextBox[]; readonly notes: PageNote[] } {
  const textBoxes: TextBox[] = [];
  const notes: PageNote[] = [];
  for (const annotation of annotations) {
    const text = readText(annotation);
    const box = readBox(annotation, layout);
    if (text === undefined) continue;
    if (isBox(box)) textBoxes.push({ layout, numbers: box, text });
    else notes.push({ note: 'bad_text', detail: `annotation ${annotation['id']}` });
  }
  return { textBoxes, notes };
}

function readText(annotation: JsonObject): string | undefined {
  const { attributes } = annotation;
  for (const source of [annotation, isObject(attributes) ? attributes : {}]) {
    const fields = new Map(Object.entries(source).map(([name, value]) => [name.toLowerCase(), value]));
    const text = TEXT_FIELDS.map((field) => fields.get(field)).find(
      (value) => typeof value === 'string' && value.trim() !== '',
    );
    if (typeof text === 'string') return text;
  }
  return undefined;
}
