import { z } from 'zod';
import type { PanelDetail } from '../../../collections/panel-rows.ts';
import { boxSchema, panelFields, panelSchema, textSchema } from './panel-response.ts';

export const panelParamsSchema = z.strictObject({
  collection: z.string().describe('The name of the collection'),
  id: z.string().describe('The id of a panel'),
});

const MAX_IDS = 100;
export const panelsQuerySchema = z.strictObject({
  ids: z
    .string()
    .min(1, 'give ids, with commas between them')
    .transform((text) => text.split(','))
    .pipe(z.array(z.string()).max(MAX_IDS, `at most ${MAX_IDS} ids`))
    .describe(`Ids of panels, with commas between them; at most ${MAX_IDS}`),
});

export const panelListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(panelSchema) })
  .meta({ id: 'CollectionPanelList' });

const neighbourSchema = z
  .strictObject({ canonical_id: z.string(), panel_id: z.string().describe('Its first panel') })
  .nullable();
const pixelsSchema = z.number().int().nullable().describe('Pixels; null if the picture cannot be read any more');

export const panelDetailSchema = z
  .strictObject({
    ...panelFields,
    page: z.strictObject({
      canonical_id: z.string(),
      book: z.string(),
      page_type: z.string(),
      summary: z.string(),
      width: pixelsSchema,
      height: pixelsSchema,
      panels: z.array(z.strictObject({ id: z.string(), panel: z.number().int(), box: boxSchema, text: textSchema })),
      previous: neighbourSchema.describe('The page before it in the book'),
      next: neighbourSchema.describe('The page after it in the book'),
    }),
    gate: z
      .strictObject({ vision: z.number(), text: z.number(), composition: z.number() })
      .nullable()
      .describe('How much each modality weighs in its vector; null if the store does not say'),
  })
  .meta({ id: 'CollectionPanelDetail' });

export function toGate(gate: PanelDetail['gate']): z.infer<typeof panelDetailSchema>['gate'] {
  if (gate === null) return null;
  const [vision = 0, text = 0, composition = 0] = gate;
  return { vision, text, composition };
}
