import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { PanelInput } from '../../../embedding/panel-input.ts';
import { COMPOSITION_FEATURES, MODALITIES, type Modality } from '../../../model/modality.ts';
import { MAX_COMPOSITION_VALUE } from '../../../preprocess/composition-features.ts';
import type { Services } from '../../../services.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { filePartSchema, withErrors } from '../../openapi-schemas.ts';
import { assertItemCount, emptyQuerySchema, parse } from '../../validation.ts';
import { optionFields, resolveOptions } from './embedding-options.ts';
import { embeddingListSchema } from './embedding-response.ts';
import type { RequestImages } from './request-images.ts';
import { assertNoFields, readRequestWithImages } from './request-with-images.ts';
import { NPY_MEDIA_TYPE, sendEmbeddings } from './send-embeddings.ts';
import { assertHasFirstOutput } from './vector-response.ts';

const compositionNumberSchema = z.number().min(-MAX_COMPOSITION_VALUE).max(MAX_COMPOSITION_VALUE);
export const compositionSchema = z
  .array(compositionNumberSchema)
  .length(COMPOSITION_FEATURES)
  .describe('Aspect ratio, area, position or characters, shot mean, shot max, centre x, centre y');
const panelSchema = z.strictObject({
  image: z.string().nullish().describe('A data URI or a URL; in a form the name of a file part'),
  text: z.string().nullish(),
  composition: compositionSchema.nullish(),
});
const bodySchema = z.strictObject({ input: z.array(panelSchema).min(1), ...optionFields });
const formSchema = z.object({
  request: z.string().describe('The JSON of the request, with images named by part'),
  '<name>': filePartSchema('Images, by the names that the request uses'),
});

type PanelRequest = z.output<typeof panelSchema>;

/** POST /v1/embeddings/panel: panels of any of image, text and composition to vectors, with the weights of the gate. */
export const panelRoute: FastifyPluginAsyncZod<Services> = async (app, services) => {
  const { models, embedder, config } = services;
  app.post('/v1/embeddings/panel', {
    config: { access: 'embed' },
    schema: {
      summary: 'Embed panels of image, text and composition',
      tags: ['embeddings'],
      querystring: emptyQuerySchema,
      bodies: { 'application/json': bodySchema, 'multipart/form-data': formSchema },
      alsoProduces: [NPY_MEDIA_TYPE],
      response: withErrors({ 200: embeddingListSchema }),
    },
    handler: async (request, reply) => {
      const { body, images, fields } = readRequestWithImages(request, reply, services);
      assertNoFields(fields);
      const { input, ...requestOptions } = parse(bodySchema, body);
      assertItemCount(input.length, config.maxItems, 'input');
      const signal = clientDisconnectSignal(reply);
      const options = resolveOptions(models, requestOptions, request, signal);
      for (const [i, panel] of input.entries()) assertHasFirstOutput(options, givenModalities(panel), `input[${i}]`);
      await images.fetchUrls(
        input.map(({ image }, i) => ({ name: image ?? undefined, param: `input[${i}].image` })),
        signal,
      );
      const inputs = input.map((panel, i) => toPanelInput(panel, `input[${i}]`, images));
      images.assertAllUsed();
      const panels = await embedder.embedPanels(options.servedModel, inputs, options.embedOptions);
      return sendEmbeddings(request, reply, panels, options);
    },
  });
};

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

function givenModalities({ image: vision, text, composition }: PanelRequest): Modality[] {
  const inputs = { vision, text, composition };
  return MODALITIES.filter((modality) => (inputs[modality] ?? undefined) !== undefined);
}
