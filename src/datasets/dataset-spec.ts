import { z } from 'zod';

export const PANEL_FORMATS = ['vlm', 'ocr'] as const;
export type PanelFormat = (typeof PANEL_FORMATS)[number];

/** The types of pages that tell the story. */
export const NARRATIVE_TYPES: readonly string[] = ['narrative', 'story'];

const MAX_PANELS = 64;
const DEFAULT_PANELS = 16;

/** Where the files of a dataset are, and which of its pages are chosen. */
export const datasetSchema = z.strictObject({
  manifest: z
    .string()
    .min(1)
    .describe('CSV file with the columns canonical_id and absolute_image_path; paths may be relative to its folder.'),
  pss_labels: z
    .string()
    .min(1)
    .describe('JSON file of page types: {id: type}, {book: {page: type}}, or a list of books with ranges of pages.'),
  panels: z
    .strictObject({
      format: z.enum(PANEL_FORMATS).describe('What the panel files hold: boxes of a VLM, or of OCR.'),
      root: z.string().min(1).describe('Folder of the panel files, <canonical_id>.json each.'),
    })
    .describe('The panels of the pages.'),
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
