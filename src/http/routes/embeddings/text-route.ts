import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { PanelInput } from '../../../embedding/panel-input.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi.ts';
import { emptyQuerySchema, parse } from '../../parse-request.ts';
import { clientDisconnectSignal } from '../../plugins/client-disconnect.ts';
import { tooManyItemsError } from '../../too-many-items-error.ts';
import { optionFields, resolveOptions } from './embedding-options.ts';
import { assertFirstOutput, embeddingListSchema } from './embedding-response.ts';
import { NPY_MEDIA_TYPE, sendEmbeddings } from './send-embeddings.ts';

/** Shared with the OpenAI-compatible call. */
export const textInputSchema = z.union([z.string(), z.array(z.string()).min(1)], 'expected a text or a list of texts');
const bodySchema = z.strictObject({ input: textInputSchema, ...optionFields });

/** @throws PanelvecError too_many_items */
export function toTextPanels(input: string | readonly string[], maxItems: number): PanelInput[] {
  const texts = typeof input === 'string' ? [input] : input;
  if (texts.length > maxItems) throw tooManyItemsError(texts.length, maxItems, 'input');
  return texts.map((value, i) => {
    const param = typeof input === 'string' ? 'input' : `input[${i}]`;
    return { param, text: { value, field: param } };
  });
}

/** Texts to vectors, comparable with those of whole panels. */
export function textRoute({ models, embedder, config }: Services): FastifyPluginAsync {
  return async (app) => {
    app.post('/v1/embeddings/text', {
      schema: {
        summary: 'Embed texts',
        tags: ['embeddings'],
        querystring: emptyQuerySchema,
        bodies: { 'application/json': bodySchema },
        alsoProduces: [NPY_MEDIA_TYPE],
        response: withErrors({ 200: embeddingListSchema }),
      },
      handler: async (request, reply) => {
        const { input, ...options } = parse(bodySchema, request.body);
        const resolved = resolveOptions(models, options, clientDisconnectSignal(reply));
        assertFirstOutput(resolved.embedOptions.outputs[0], resolved.embedOptions.outputs[0] === 'text', 'a text');
        const panels = await embedder.embedPanels(
          resolved.servedModel,
          toTextPanels(input, config.maxItems),
          resolved.embedOptions,
        );
        return sendEmbeddings(request, reply, panels, resolved);
      },
    });
  };
}
