import { z } from 'zod';
import { PanelvecError } from '../errors.ts';
import { OPTIONAL_IMAGE_FORMATS } from '../preprocess/image/image-format.ts';
import { BOX_ORDERS, BOX_SCALES } from '../preprocess/panel-box.ts';
import { isKnownEncoding } from '../util/strict-text.ts';

/** What panel files hold. `auto` finds out from each file; `whole_page` makes one panel of each page, without files. */
export const PANEL_FORMATS = ['auto', 'vlm', 'ocr', 'kumiko', 'coco', 'magi', 'mokuro', 'whole_page'] as const;
export type PanelFormat = (typeof PANEL_FORMATS)[number];
/** Formats of which one file may be about many pages. */
export const MANY_PAGE_FORMATS: ReadonlySet<string> = new Set<PanelFormat>(['kumiko', 'coco', 'mokuro']);

/** The types of pages that tell the story. */
export const NARRATIVE_TYPES: readonly string[] = ['narrative', 'story'];

const MAX_PANELS = 64;
const DEFAULT_PANELS = 16;

/** What the panels of a dataset are. */
export const panelsSchema = z.strictObject({
  format: z.enum(PANEL_FORMATS).default('auto').describe('What the panel files hold; `auto` finds out from each file.'),
  root: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Folder of the panel files, <canonical_id>.json each, or one file for many pages; null with `whole_page`.',
    ),
  box_scale: z
    .literal(BOX_SCALES)
    .nullable()
    .default(null)
    .describe('The unit of boxes: fractions of the page, thousandths, or pixels; null: that of the format.'),
  box_order: z
    .enum(BOX_ORDERS)
    .nullable()
    .default(null)
    .describe('The order of the four numbers of a box; null: that of the format.'),
  reading_order: z
    .enum(['ltr', 'rtl'])
    .default('ltr')
    .describe('The order of panels where the format has none of its own: left to right, or right to left.'),
  texts: z
    .strictObject({ format: z.literal('mokuro'), root: z.string().min(1) })
    .nullable()
    .default(null)
    .describe('Files with the texts of panels, where the panel files have none.'),
});

const imagesSchema = z.strictObject({
  formats: z
    .array(z.enum(OPTIONAL_IMAGE_FORMATS))
    .default([])
    .describe('Formats to read beside JPEG, PNG, WebP and AVIF; of several frames or pages the first.'),
  tolerant: z.boolean().default(false).describe('Whether truncated JPEG files are read as far as they go, and noted.'),
});

/** Where the files of a dataset are, and which of its pages are chosen. */
export const datasetSchema = z.strictObject({
  manifest: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('CSV file with the columns canonical_id and absolute_image_path; paths may be relative to its folder.'),
  pages: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('In place of a manifest: a folder of images or CBZ files, or one CBZ file.'),
  encoding: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('The encoding of the manifest, or of file names in archives, if it is not UTF-8, such as windows-1252.'),
  path_map: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe('Beginnings of image paths in the manifest, and the folders that take their place.'),
  pss_labels: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'JSON file of page types: {id: type}, {book: {page: type}}, or a list of books with ranges of pages; null: all pages are taken.',
    ),
  panels: panelsSchema
    .prefault({})
    .describe('The panels of the pages. With `pages` they may be absent: then each page is one panel.'),
  images: imagesSchema.prefault({}).describe('How images are read.'),
  only_narrative: z.boolean().default(true).describe('Only pages of the types narrative and story.'),
  max_panels_per_page: z
    .int()
    .min(1)
    .max(MAX_PANELS)
    .default(DEFAULT_PANELS)
    .describe('Maximum number of panels per page; further ones are left out.'),
  limit: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Maximum number of pages, the first of the index; null: all.'),
  identifiers: z
    .enum(['bridged', 'exact'])
    .default('bridged')
    .describe('`bridged` matches ids that labels, manifest and panel files write differently; `exact` does not.'),
});

export type Dataset = z.output<typeof datasetSchema>;

/**
 * Checks what the schema cannot: fields that exclude or need each other. Pages without a `panels.root` are panels themselves.
 * @throws PanelvecError invalid_request naming the field
 */
export function completeDataset<D extends Dataset>(dataset: D): D {
  const { manifest, pages, encoding, panels } = dataset;
  if ((manifest === null) === (pages === null)) throw invalidField('manifest', 'give either manifest or pages');
  if (encoding !== null && !isKnownEncoding(encoding)) {
    const problem = `"${encoding}" is no known encoding: expected a name such as windows-1252, shift_jis or gbk`;
    throw invalidField('encoding', problem);
  }
  if (panels.format === 'whole_page') {
    if (panels.root !== null) throw invalidField('panels.root', 'whole_page reads no panel files');
    return dataset;
  }
  if (panels.root !== null) return dataset;
  if (pages === null || panels.format !== 'auto')
    throw invalidField('panels.root', 'give the folder of the panel files');
  return { ...dataset, panels: { ...panels, format: 'whole_page' } };
}

function invalidField(field: string, problem: string): PanelvecError {
  return new PanelvecError('invalid_request', problem, { param: `dataset.${field}` });
}
