import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readModelCard } from '../../../model/read-model-card.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { findKnownModel, type ModelServices } from './model-response.ts';

const figureSchema = z.strictObject({
  text: z.string().describe('As the card has it'),
  value: z.number().nullable().describe('null where the text is not a number'),
  interval: z.array(z.number()).length(2).nullable().describe('The interval in brackets behind the number'),
});
const measureTableSchema = z.strictObject({
  title: z.string().describe('The heading above it'),
  columns: z.array(z.string()).describe('What was measured: this model first, then what it is compared to'),
  rows: z.array(z.strictObject({ measure: z.string(), figures: z.array(figureSchema) })),
});
const modelCardSchema = z
  .strictObject({
    object: z.literal('model_card'),
    model: z.string(),
    text: z.string().nullable().describe('Markdown; null if the model has no README.md, or no folder any more'),
    tables: z
      .array(measureTableSchema)
      .describe(
        'Measures: of its training job, and of those tables of the card whose first column is called "measure"',
      ),
  })
  .meta({ id: 'ModelCard' });

export type ModelCardResponse = z.infer<typeof modelCardSchema>;

/** GET /v1/models/{id}/card: what is written about a model, and its measures as numbers. */
export const modelCardRoute: FastifyPluginAsyncZod<ModelServices> = async (app, services) => {
  app.get('/v1/models/:id/card', {
    config: { access: 'any' },
    schema: {
      summary: 'Show the card of a model',
      tags: ['models'],
      params: z.strictObject({ id: z.string() }),
      response: withErrors({ 200: modelCardSchema }),
    },
    handler: async ({ params }): Promise<ModelCardResponse> => {
      await services.registry.refresh();
      const { served, registered } = findKnownModel(params.id, services);
      const model = served ?? registered?.model;
      const card = model === undefined ? { text: null, tables: [] } : await readModelCard(model.folder);
      return { object: 'model_card', model: model?.id ?? params.id, ...card };
    },
  });
};
