import { z } from 'zod';
import type { PageInput, PagePanelInput } from '../../../embedding/panel-input.ts';
import { PanelvecError } from '../../../errors.ts';
import type { Modality } from '../../../model/modality.ts';
import { BBOX_LAYOUT, BOX_2D_LAYOUT, type PanelBox } from '../../../preprocess/panel-box.ts';
import { joinVlmText } from '../../../preprocess/panel-text.ts';
import { filePartSchema } from '../../openapi-schemas.ts';
import { parse } from '../../validation.ts';
import { optionFields, type RequestOptions, type ResolvedOptions } from './embedding-options.ts';
import type { RequestImages } from './request-images.ts';
import { assertHasFirstOutput } from './vector-response.ts';

const boxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()], 'expected four numbers');
const textContentSchema = z.strictObject({ text: z.string().nullable(), type: z.string().nullish() });

/** A panel in the OCR form (bbox, text) or the VLM form (box_2d, description, text_content). */
const pagePanelSchema = z.strictObject({
  bbox: boxSchema.optional().describe('[x, y, width, height] in pixels'),
  box_2d: boxSchema.optional().describe('[y1, x1, y2, x2] in thousandths of the page'),
  text: z.string().nullish(),
  description: z.string().nullish(),
  text_content: z.array(textContentSchema).nullish(),
  panel_number: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .nullish()
    .describe('Position in reading order, from 1; by default the position in the list'),
  confidence: z.number().nullish().describe('Ignored'),
});
type PagePanelRequest = z.output<typeof pagePanelSchema>;

/** A page. `image` is a data URI in JSON; in a form the name of a file part, `image` by default. */
const pageSchema = z.strictObject({
  canonical_id: z.string().nullish(),
  overall_summary: z.string().nullish(),
  panels: z.array(pagePanelSchema),
  image_width: z.number().nullish().describe('Ignored: the image is measured'),
  image_height: z.number().nullish().describe('Ignored'),
  image: z.string().optional(),
});
export type PageRequest = z.output<typeof pageSchema>;

const paddingFields = {
  pad_to: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Rows of panel_embeddings: absent panels become zeros with a false mask'),
};
const onePageSchema = pageSchema.extend({ ...paddingFields, ...optionFields });
const pagesSchema = z.strictObject({ pages: z.array(pageSchema).min(1), ...paddingFields, ...optionFields });

export const pageBodySchema = onePageSchema.or(pagesSchema);
export const pageFormSchema = z.object({
  image: filePartSchema('The page'),
  request: z.string().describe('The JSON of the request, with images named by part'),
});

export interface PagesRequest {
  readonly pages: readonly PageRequest[];
  /** Whether the request has a list of pages, which the fields of its errors then begin with */
  readonly isList: boolean;
  readonly padTo: number | undefined;
  readonly options: RequestOptions;
}

/** Checks a body by the schema of its form, so that its errors are about that form alone. @throws PanelvecError */
export function parsePagesRequest(body: unknown): PagesRequest {
  if (typeof body === 'object' && body !== null && 'pages' in body) {
    const { pages, pad_to: padTo, ...options } = parse(pagesSchema, body);
    return { pages, isList: true, padTo, options };
  }
  const { canonical_id, overall_summary, panels, image, pad_to: padTo, ...options } = parse(onePageSchema, body);
  return { pages: [{ canonical_id, overall_summary, panels, image }], isList: false, padTo, options };
}

/** Modalities of a panel without text: its place on the page is known */
const MODALITIES_OF_PLACE: readonly Modality[] = ['vision', 'composition'];

/** @throws PanelvecError invalid_request where an image, a box or the first output is missing, or a panel is of both forms */
export function toPageInputs(
  { pages, isList }: PagesRequest,
  images: RequestImages,
  options: ResolvedOptions,
): PageInput[] {
  return pages.map((page, i) => {
    const prefix = isList ? `pages[${i}].` : '';
    const panels = page.panels.map((panel, row) => toPagePanelInput(panel, row, `${prefix}panels[${row}]`));
    for (const { param, text } of panels) {
      assertHasFirstOutput(options, text ? [...MODALITIES_OF_PLACE, 'text'] : MODALITIES_OF_PLACE, param);
    }
    const imageField = `${prefix}image`;
    return {
      imageField,
      image: images.take(page.image, imageField),
      declaredSize: null,
      declaredSizeField: `${prefix}image_width`,
      panels,
    };
  });
}

function toPagePanelInput(panel: PagePanelRequest, index: number, param: string): PagePanelInput {
  const { box, field } = toPanelBox(panel, param);
  const vlmText = joinVlmText(panel);
  const ocrText = panel.text ?? '';
  if (vlmText !== '' && ocrText !== '') {
    throw new PanelvecError('invalid_request', 'give either text or description and text_content', { param });
  }
  const value = vlmText || ocrText;
  // Many panels have no lettering: on a page, blank text is an absent modality and no mistake.
  const text = value.trim() === '' ? null : { value, field: `${param}.${vlmText === '' ? 'text' : 'description'}` };
  return { param, box, boxField: `${param}.${field}`, panelNumber: panel.panel_number ?? index + 1, text };
}

function toPanelBox({ bbox, box_2d: box2d }: PagePanelRequest, param: string): { box: PanelBox; field: string } {
  if (bbox && !box2d) return { field: 'bbox', box: { form: 'ocr', layout: BBOX_LAYOUT, numbers: bbox } };
  if (box2d && !bbox) return { field: 'box_2d', box: { form: 'vlm', layout: BOX_2D_LAYOUT, numbers: box2d } };
  throw new PanelvecError('invalid_request', 'give either bbox or box_2d', { param });
}
