import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { PanelInput } from '../../embedding/panel.ts';
import { COMPOSITION_FEATURES } from '../../model/head/head-spec.ts';
import { LARGEST_COMPOSITION_NUMBER } from '../../preprocess/composition.ts';
import type { Services } from '../../services.ts';
import { abandonment } from '../abandonment.ts';
import { filePart, withErrors } from '../openapi.ts';
import { noQuery, parse } from '../parse.ts';
import { tooMany } from '../too-many.ts';
import { assertFirstOutput, listSchema } from './answer.ts';
import { optionFields, resolveOptions } from './options.ts';
import { NPY, sendList } from './reply.ts';
import { type RequestImages, readRequest } from './request-images.ts';

const compositionNumber = z.number().min(-LARGEST_COMPOSITION_NUMBER).max(LARGEST_COMPOSITION_NUMBER);
const panelSchema = z.strictObject({
  image: z.string().nullish().describe('A data URI; in a form the name of a file part'),
  text: z.string().nullish(),
  composition: z
    .array(compositionNumber)
    .length(COMPOSITION_FEATURES)
    .nullish()
    .describe('Aspect ratio, area, position or characters, shot mean, shot max, centre x, centre y'),
});
const bodySchema = z.strictObject({ input: z.array(panelSchema).min(1), ...optionFields });
const formSchema = z.object({
  request: z.string().describe('The JSON of this call, its images named by part'),
  '<name>': filePart('Files by the names that the request uses'),
});

type Panel = z.output<typeof panelSchema>;

/** Panels with any of image, text and composition to vectors, with the gate's shares. */
export function panelRoute({ models, embedder, config }: Services): FastifyPluginAsync {
  return async (app) => {
    app.post('/v1/embeddings/panel', {
      schema: {
        summary: 'Embed panels of picture, text and place',
        tags: ['embeddings'],
        querystring: noQuery,
        bodies: { 'application/json': bodySchema, 'multipart/form-data': formSchema },
        alsoProduces: [NPY],
        response: withErrors({ 200: listSchema }),
      },
      handler: async (request, reply) => {
        const { body, images } = await readRequest(request, config);
        const { input, ...options } = parse(bodySchema, body);
        if (input.length > config.maxItems) throw tooMany(input.length, config.maxItems, 'input');
        const resolved = resolveOptions(models, options, abandonment(reply));
        const panels = input.map((panel, at) => toInput(panel, `input[${at}]`, images));
        images.assertAllTaken();
        for (const panel of panels) assertHasFirst(panel, resolved.embed.outputs[0]);
        const embedded = await embedder.panels(resolved.served, panels, resolved.embed);
        return sendList(request, reply, embedded, resolved);
      },
    });
  };
}

function toInput(panel: Panel, param: string, images: RequestImages): PanelInput {
  const image = panel.image ?? undefined;
  const text = panel.text ?? undefined;
  return {
    param,
    image: image === undefined ? undefined : { bytes: images.take(image, `${param}.image`), field: `${param}.image` },
    text: text === undefined ? undefined : { value: text, field: `${param}.text` },
    composition: panel.composition ? Float32Array.from(panel.composition) : undefined,
  };
}

function assertHasFirst(panel: PanelInput, output: Parameters<typeof assertFirstOutput>[0]): void {
  const present = { vision: panel.image, text: panel.text, composition: panel.composition, fused: true };
  assertFirstOutput(output, output !== undefined && present[output] !== undefined, panel.param);
}
