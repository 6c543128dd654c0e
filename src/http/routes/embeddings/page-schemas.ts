import { z } from 'zod';
import type { PagePanelInput } from '../../../embedding/panel-input.ts';
import { PanelvecError } from '../../../errors.ts';
import { MODALITIES } from '../../../model/modality.ts';
import { joinVlmText } from '../../../preprocess/panel-text.ts';
import { filePartSchema } from '../../openapi.ts';
import { optionFields } from './embedding-options.ts';
import { usageSchema, vectorSchema } from './embedding-response.ts';

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
    .describe('Place in reading order, from 1; by default the place in the list'),
  confidence: z.number().nullish().describe('Ignored'),
});

const pageFields = {
  canonical_id: z.string().nullish(),
  overall_summary: z.string().nullish(),
  panels: z.array(pagePanelSchema),
  image_width: z.number().nullish().describe('Ignored: the image is measured'),
  image_height: z.number().nullish().describe('Ignored'),
};

/** `image` is a data URI in JSON; in a form the name of a file part, `image` by default. */
const pageSchema = z.strictObject({ ...pageFields, image: z.string().optional() });

const paddingFields = {
  pad_to: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Rows of panel_embeddings: absent panels become zeros with a false mask'),
};
export const onePageSchema = pageSchema.extend({ ...paddingFields, ...optionFields });
export const pagesSchema = z.strictObject({ pages: z.array(pageSchema).min(1), ...paddingFields, ...optionFields });
export const pageFormSchema = z.object({
  image: filePartSchema('The page'),
  request: z.string().describe('The JSON of this call, images named by part'),
});

export type PageRequest = z.output<typeof pageSchema>;
export type PagePanelRequest = z.output<typeof pagePanelSchema>;

const gateSchema = z.strictObject({ vision: z.number(), text: z.number(), composition: z.number() });
const panelMetadataSchema = z.strictObject({
  crop: z.array(z.number().int()).describe('[left, top, right, bottom] in pixels'),
  composition: z.array(z.number()),
  modalities: z.array(z.enum(MODALITIES)),
  gate: gateSchema.nullable(),
  backbones: z.record(z.string(), z.number()).optional(),
  truncated: z.boolean(),
});

export const pageResponseSchema = z
  .strictObject({
    object: z.literal('list'),
    model: z.string(),
    space: z.string(),
    dimensions: z.number().int(),
    data: z.array(
      z.strictObject({
        object: z.literal('page'),
        index: z.number().int(),
        canonical_id: z.string().nullable(),
        panel_embeddings: z.array(vectorSchema),
        panel_outputs: z.record(z.string(), z.array(vectorSchema.nullable())).optional(),
        panel_mask: z.array(z.boolean()),
        metadata: z.strictObject({
          num_panels: z.number().int(),
          overall_summary: z.string().nullable(),
          width: z.number().int(),
          height: z.number().int(),
          panels: z.array(panelMetadataSchema),
        }),
      }),
    ),
    usage: usageSchema,
  })
  .meta({ id: 'PageEmbeddingList' });

export type PageResponse = z.infer<typeof pageResponseSchema>;

/** @throws PanelvecError invalid_request where a panel has no box, two, or the text of both forms */
export function toPagePanel(panel: PagePanelRequest, index: number, param: string): PagePanelInput {
  const { bbox, box_2d: box2d, text, description, text_content } = panel;
  if ((bbox === undefined) === (box2d === undefined)) {
    throw new PanelvecError('invalid_request', 'give either bbox or box_2d', { param });
  }
  const vlmText = joinVlmText({ description, text_content });
  if (vlmText !== '' && (text ?? '') !== '') {
    throw new PanelvecError('invalid_request', 'give either text or description and text_content', { param });
  }
  const panelText = vlmText || (text ?? '');
  return {
    param,
    box: bbox ? { bbox } : { box2d: box2d!, panelNumber: panel.panel_number ?? index + 1 },
    // Many panels have no lettering: on a page, blank text is an absent modality and no mistake.
    text:
      panelText.trim() === ''
        ? null
        : { value: panelText, field: `${param}.${vlmText === '' ? 'text' : 'description'}` },
  };
}
