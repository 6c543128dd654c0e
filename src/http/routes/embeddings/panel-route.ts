import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { PanelInput } from '../../../embedding/panel-input.ts';
import { COMPOSITION_FEATURES } from '../../../model/modality.ts';
import { MAX_COMPOSITION_VALUE } from '../../../preprocess/composition-features.ts';
import type { Services } from '../../../services.ts';
import { filePartSchema, withErrors } from '../../openapi.ts';
import { emptyQuerySchema, parse } from '../../parse-request.ts';
import { clientDisconnectSignal } from '../../plugins/client-disconnect.ts';
import { tooManyItemsError } from '../../too-many-items-error.ts';
import { optionFields, resolveOptions } from './embedding-options.ts';
import { assertFirstOutput, embeddingListSchema } from './embedding-response.ts';
import { type RequestImages, readRequestWithImages } from './request-images.ts';
import { NPY_MEDIA_TYPE, sendEmbeddings } from './send-embeddings.ts';

const compositionNumberSchema = z.number().min(-MAX_COMPOSITION_VALUE).max(MAX_COMPOSITION_VALUE);
const panelSchema = z.strictObject({
  image: z.string().nullish().describe('A data URI; in a form the name of a file part'),
  text: z.string().nullish(),
  composition: z
    .array(compositionNumberSchema)
    .length(COMPOSITION_FEATURES)
    .nullish()
    .describe('Aspect ratio, area, position or characters, shot mean, shot max, centre x, centre y'),
});
const bodySchema = z.strictObject({ input: z.array(panelSchema).min(1), ...optionFields });
const formSchema = z.object({
  request: z.string().describe('The JSON of this call, its images named by part'),
  '<name>': filePartSchema('Files by the names that the request uses'),
});

type PanelRequest = z.output<typeof panelSchema>;

/** Panels with any of image, text and composition to vectors, with the gate's shares. */
export function panelRoute({ models, embedder, config }: Services): FastifyPluginAsync {
  return async (app) => {
    app.post('/v1/embeddings/panel', {
      schema: {
        summary: 'Embed panels of picture, text and place',
        tags: ['embeddings'],
        querystring: emptyQuerySchema,
        bodies: { 'application/json': bodySchema, 'multipart/form-data': formSchema },
        alsoProduces: [NPY_MEDIA_TYPE],
        response: withErrors({ 200: embeddingListSchema }),
      },
      handler: async (request, reply) => {
        const { body, images } = await readRequestWithImages(request, config);
        const { input, ...options } = parse(bodySchema, body);
        if (input.length > config.maxItems) throw tooManyItemsError(input.length, config.maxItems, 'input');
        const resolved = resolveOptions(models, options, clientDisconnectSignal(reply));
        const panels = input.map((panel, i) => toPanelInput(panel, `input[${i}]`, images));
        images.assertAllUsed();
        for (const panel of panels) assertHasFirstOutput(panel, resolved.embedOptions.outputs[0]);
        const embedded = await embedder.embedPanels(resolved.servedModel, panels, resolved.embedOptions);
        return sendEmbeddings(request, reply, embedded, resolved);
      },
    });
  };
}

function toPanelInput(panel: PanelRequest, param: string, images: RequestImages): PanelInput {
  const image = panel.image ?? undefined;
  const text = panel.text ?? undefined;
  return {
    param,
    image: image === undefined ? undefined : { bytes: images.take(image, `${param}.image`), field: `${param}.image` },
    text: text === undefined ? undefined : { value: text, field: `${param}.text` },
    composition: panel.composition ? Float32Array.from(panel.composition) : undefined,
  };
}

function assertHasFirstOutput(panel: PanelInput, output: Parameters<typeof assertFirstOutput>[0]): void {
  const inputs = { vision: panel.image, text: panel.text, composition: panel.composition, fused: true };
  assertFirstOutput(output, output !== undefined && inputs[output] !== undefined, panel.param);
}
