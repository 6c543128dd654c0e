import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { PanelInput } from '../../../embedding/panel-input.ts';
import type { Services } from '../../../services.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { TOKEN_IDS_MESSAGE } from '../../token-ids.ts';
import { assertItemCount, emptyQuerySchema } from '../../validation.ts';
import { optionFields, resolveOptions } from './embedding-options.ts';
import { embeddingListSchema } from './embedding-response.ts';
import { NPY_MEDIA_TYPE, sendEmbeddings } from './send-embeddings.ts';
import { assertHasFirstOutput } from './vector-response.ts';

/** A text that is all blanks is refused later, with its place in the request. */
const NOT_BLANK = { pattern: '\\S' };
const listedTextSchema = z
  .string({
    error: ({ input }) => (typeof input === 'number' || Array.isArray(input) ? TOKEN_IDS_MESSAGE : 'expected a text'),
  })
  .meta(NOT_BLANK);

/** Shared with the route in the form of OpenAI */
export const textInputSchema = z.union(
  [z.string().meta(NOT_BLANK), z.array(listedTextSchema).min(1)],
  'expected a text or a list of texts',
);
const bodySchema = z.strictObject({ input: textInputSchema, ...optionFields });

/** @throws PanelvecError too_many_items */
export function toTextPanels(input: string | readonly string[], maxTexts: number): PanelInput[] {
  const texts = typeof input === 'string' ? [input] : input;
  assertItemCount(texts.length, maxTexts, 'input');
  return texts.map((value, i) => {
    const param = typeof input === 'string' ? 'input' : `input[${i}]`;
    return { param, text: { value, field: param } };
  });
}

/** POST /v1/embeddings/text: texts to vectors, comparable with those of whole panels. */
export const textRoute: FastifyPluginAsyncZod<Services> = async (app, { models, embedder, config }) => {
  app.post('/v1/embeddings/text', {
    config: { access: 'embed', takesOnlyTexts: true },
    schema: {
      summary: 'Embed texts',
      tags: ['embeddings'],
      querystring: emptyQuerySchema,
      body: bodySchema,
      alsoProduces: [NPY_MEDIA_TYPE],
      response: withErrors({ 200: embeddingListSchema }),
    },
    handler: async (request, reply) => {
      const { input, ...requestOptions } = request.body;
      const options = resolveOptions(models, requestOptions, request, clientDisconnectSignal(reply));
      assertHasFirstOutput(options, ['text'], 'a text');
      const inputs = toTextPanels(input, config.maxTexts);
      const panels = await embedder.embedPanels(options.servedModel, inputs, options.embedOptions);
      return sendEmbeddings(request, reply, panels, options);
    },
  });
};
