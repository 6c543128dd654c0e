import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi.ts';
import { emptyQuerySchema, parse } from '../../parse-request.ts';
import { clientDisconnectSignal } from '../../plugins/client-disconnect.ts';
import { resolveOptions } from './embedding-options.ts';
import { encodeVector, firstOutputVector, toUsage, usageSchema, vectorSchema } from './embedding-response.ts';
import { textInputSchema, toTextPanels } from './text-route.ts';

/** Source of the form: platform.openai.com/docs/api-reference/embeddings. `user` is taken and ignored. */
const bodySchema = z.strictObject({
  input: textInputSchema,
  model: z.string().optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
  dimensions: z.number().int().positive().optional(),
  user: z.string().optional(),
});

const responseSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(z.strictObject({ object: z.literal('embedding'), index: z.number().int(), embedding: vectorSchema })),
    model: z.string(),
    usage: usageSchema,
  })
  .meta({ id: 'OpenAIEmbeddingList' });

/** OpenAI's call for texts, so that its clients work unchanged. Its vectors have unit length. */
export function openaiRoute({ models, embedder, config }: Services): FastifyPluginAsync {
  return async (app) => {
    app.post('/v1/embeddings', {
      schema: {
        summary: 'Embed texts, in the form of the OpenAI API',
        tags: ['embeddings'],
        querystring: emptyQuerySchema,
        bodies: { 'application/json': bodySchema },
        response: withErrors({ 200: responseSchema }),
      },
      handler: async (request, reply): Promise<z.infer<typeof responseSchema>> => {
        const { input, user: _, ...options } = parse(bodySchema, request.body);
        const resolved = resolveOptions(models, { ...options, normalize: true }, clientDisconnectSignal(reply));
        const panels = await embedder.embedPanels(
          resolved.servedModel,
          toTextPanels(input, config.maxItems),
          resolved.embedOptions,
        );
        const { id, space } = resolved.servedModel.model;
        reply.header('x-panelvec-space', space);
        return {
          object: 'list',
          data: panels.map((panel, index) => ({
            object: 'embedding',
            index,
            embedding: encodeVector(firstOutputVector(panel, resolved), resolved.base64),
          })),
          model: id,
          usage: toUsage(panels),
        };
      },
    });
  };
}
