import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { Services } from '../../services.ts';
import { abandonment } from '../abandonment.ts';
import { withErrors } from '../openapi.ts';
import { noQuery, parse } from '../parse.ts';
import { encodeVector, mainVector, usageOf, usageSchema, vectorSchema } from './answer.ts';
import { resolveOptions } from './options.ts';
import { textInput, textPanels } from './text-route.ts';

/** Source of the form: platform.openai.com/docs/api-reference/embeddings. `user` is taken and ignored. */
const bodySchema = z.strictObject({
  input: textInput,
  model: z.string().optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
  dimensions: z.number().int().positive().optional(),
  user: z.string().optional(),
});

const answerSchema = z
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
        querystring: noQuery,
        bodies: { 'application/json': bodySchema },
        response: withErrors({ 200: answerSchema }),
      },
      handler: async (request, reply): Promise<z.infer<typeof answerSchema>> => {
        const { input, user: _, ...options } = parse(bodySchema, request.body);
        const resolved = resolveOptions(models, { ...options, normalize: true }, abandonment(reply));
        const panels = await embedder.panels(resolved.served, textPanels(input, config.maxItems), resolved.embed);
        const { id, space } = resolved.served.model;
        reply.header('x-panelvec-space', space);
        return {
          object: 'list',
          data: panels.map((panel, index) => ({
            object: 'embedding',
            index,
            embedding: encodeVector(mainVector(panel, resolved), resolved.base64),
          })),
          model: id,
          usage: usageOf(panels),
        };
      },
    });
  };
}
