import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { EmbeddedPanel } from '../../../embedding/embedder.ts';
import type { Services } from '../../../services.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { sendJsonList } from '../../send-json-list.ts';
import { textHeaders } from '../../text-headers.ts';
import { emptyQuerySchema } from '../../validation.ts';
import { optionFields, type ResolvedOptions, resolveOptions } from './embedding-options.ts';
import { toUsage, usageSchema } from './embedding-response.ts';
import { textInputSchema, toTextPanels } from './text-route.ts';
import { encodeVector, firstOutputVector, panelFields, vectorSchema } from './vector-response.ts';

/** The request of platform.openai.com/docs/api-reference/embeddings, and `truncate`. `user` is accepted and ignored. */
const bodySchema = z.strictObject({
  input: textInputSchema,
  model: z.string().optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
  dimensions: z.number().int().positive().optional(),
  user: z.string().optional(),
  truncate: optionFields.truncate,
});

/** An item of OpenAI's, and two fields that it has only where not all of the text was read */
const itemSchema = z.strictObject({
  object: z.literal('embedding'),
  index: z.number().int(),
  embedding: vectorSchema,
  truncated: panelFields.truncated.optional(),
  unknown_tokens: panelFields.unknown_tokens.optional(),
});

const responseSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(itemSchema),
    model: z.string(),
    usage: usageSchema,
  })
  .meta({ id: 'OpenAIEmbeddingList' });

/** POST /v1/embeddings: texts in the form of OpenAI, so that its clients work unchanged. The vectors have unit length. */
export const openaiRoute: FastifyPluginAsyncZod<Services> = async (app, { models, embedder, config }) => {
  app.post('/v1/embeddings', {
    config: { access: 'embed', takesOnlyTexts: true },
    schema: {
      summary: 'Embed texts, in the form of the OpenAI API',
      tags: ['embeddings'],
      querystring: emptyQuerySchema,
      body: bodySchema,
      response: withErrors({ 200: responseSchema }),
    },
    handler: async (request, reply) => {
      const { input, user: _, ...requestOptions } = request.body;
      const options = resolveOptions(
        models,
        { ...requestOptions, normalize: true },
        request,
        clientDisconnectSignal(reply),
      );
      const inputs = toTextPanels(input, config.maxTexts);
      const panels = await embedder.embedPanels(options.servedModel, inputs, options.embedOptions);
      const { id, space } = options.servedModel.model;
      reply.headers({ 'x-panelvec-space': space, ...textHeaders(panels) });
      const fields: Omit<z.infer<typeof responseSchema>, 'data'> = {
        object: 'list',
        model: id,
        usage: toUsage(panels),
      };
      return sendJsonList(reply, fields, panels, (panel, index) => toItem(panel, index, options));
    },
  });
};

function toItem(panel: EmbeddedPanel, index: number, options: ResolvedOptions): z.infer<typeof itemSchema> {
  return {
    object: 'embedding',
    index,
    embedding: encodeVector(firstOutputVector(panel, options), options),
    ...(panel.reading?.truncated && { truncated: true }),
    ...(panel.reading?.unknownTokens && { unknown_tokens: panel.reading.unknownTokens }),
  };
}
