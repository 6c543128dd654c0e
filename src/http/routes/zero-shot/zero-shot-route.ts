import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { PanelInput } from '../../../embedding/panel-input.ts';
import { assertTextNotBlank } from '../../../embedding/text-checks.ts';
import { LABEL_PLACE, scoreLabels } from '../../../embedding/zero-shot.ts';
import type { Services } from '../../../services.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { sendJsonList } from '../../send-json-list.ts';
import { assertItemCount, emptyQuerySchema, parse } from '../../validation.ts';
import { resolveOptions } from '../embeddings/embedding-options.ts';
import { toImageNames } from '../embeddings/request-images.ts';
import { assertNoFields, readRequestWithImages } from '../embeddings/request-with-images.ts';
import {
  toListFields,
  toPictureItem,
  zeroShotBodySchema,
  zeroShotFormSchema,
  zeroShotResponseSchema,
} from './zero-shot-schemas.ts';

/** POST /v1/zero-shot: scores of labels or sentences for each picture. */
export const zeroShotRoute: FastifyPluginAsyncZod<Services> = async (app, services) => {
  const { models, embedder, config } = services;
  app.post('/v1/zero-shot', {
    config: { access: 'embed' },
    schema: {
      summary: 'Score labels or sentences against pictures',
      description:
        'Pictures as data URIs or URLs in JSON, or as parts of a form: those that `images` names, else all parts named `image`.',
      tags: ['zero-shot'],
      querystring: emptyQuerySchema,
      bodies: { 'application/json': zeroShotBodySchema, 'multipart/form-data': zeroShotFormSchema },
      response: withErrors({ 200: zeroShotResponseSchema }),
    },
    handler: async (request, reply) => {
      const { body, images, fields } = readRequestWithImages(request, reply, services);
      assertNoFields(fields);
      const { labels, template = LABEL_PLACE, images: names, ...options } = parse(zeroShotBodySchema, body);
      assertItemCount(labels.length, config.maxTexts, 'labels');
      const labelFields = labels.map((value, i) => ({ value, field: `labels[${i}]` }));
      for (const label of labelFields) assertTextNotBlank(label);
      if (names !== undefined) assertItemCount(names.length, config.maxItems, 'images');
      const disconnect = clientDisconnectSignal(reply);
      const { servedModel, embedOptions } = resolveOptions(models, options, request, disconnect);
      await images.fetchUrls(toImageNames(names, 'images'), disconnect);
      const pictures = images.takeList(names, 'images');
      images.assertAllUsed();
      const { truncation, signal, quota } = embedOptions;
      const result = await scoreLabels(embedder, servedModel, {
        labels: labelFields,
        template,
        images: pictures.map((image): PanelInput => ({ param: image.field, image })),
        truncation,
        quota,
        signal,
        ...request.schedule,
      });
      return sendJsonList(reply, toListFields(servedModel.model, result), result.pictures, toPictureItem);
    },
  });
};
