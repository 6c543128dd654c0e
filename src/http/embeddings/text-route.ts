import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { PanelInput } from '../../embedding/panel.ts';
import type { Services } from '../../services.ts';
import { abandonment } from '../abandonment.ts';
import { withErrors } from '../openapi.ts';
import { noQuery, parse } from '../parse.ts';
import { tooMany } from '../too-many.ts';
import { assertFirstOutput, listSchema } from './answer.ts';
import { optionFields, resolveOptions } from './options.ts';
import { NPY, sendList } from './reply.ts';

/** Shared with the OpenAI-compatible call. */
export const textInput = z.union([z.string(), z.array(z.string()).min(1)], 'expected a text or a list of texts');
const bodySchema = z.strictObject({ input: textInput, ...optionFields });

/** @throws PanelvecError too_many_items */
export function textPanels(input: string | readonly string[], maxItems: number): PanelInput[] {
  const texts = typeof input === 'string' ? [input] : input;
  if (texts.length > maxItems) throw tooMany(texts.length, maxItems, 'input');
  return texts.map((value, at) => {
    const param = typeof input === 'string' ? 'input' : `input[${at}]`;
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
        querystring: noQuery,
        bodies: { 'application/json': bodySchema },
        alsoProduces: [NPY],
        response: withErrors({ 200: listSchema }),
      },
      handler: async (request, reply) => {
        const { input, ...options } = parse(bodySchema, request.body);
        const resolved = resolveOptions(models, options, abandonment(reply));
        assertFirstOutput(resolved.embed.outputs[0], resolved.embed.outputs[0] === 'text', 'a text');
        const panels = await embedder.panels(resolved.served, textPanels(input, config.maxItems), resolved.embed);
        return sendList(request, reply, panels, resolved);
      },
    });
  };
}
