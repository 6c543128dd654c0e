import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { PageInput } from '../../../embedding/panel-input.ts';
import { PanelvecError } from '../../../errors.ts';
import type { Services } from '../../../services.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { textHeaders } from '../../text-headers.ts';
import { assertItemCount } from '../../validation.ts';
import { resolveOptions } from './embedding-options.ts';
import { toModelFields } from './embedding-response.ts';
import { toPageInputs } from './page-inputs.ts';
import { pageOptionsSchema } from './page-options.ts';
import { pageBodySchema, pageFormSchema, parsePagesRequest } from './page-request.ts';
import { pageResponseSchema, toPageResponse, toPageRows } from './page-response.ts';
import { readRequestWithImages } from './request-with-images.ts';
import { acceptsJson, acceptsNpy, NPY_MEDIA_TYPE, sendNpy } from './send-embeddings.ts';

/** POST /v1/embeddings/page: whole pages with their panel boxes to one vector for each panel. A page is decoded once. */
export const pageRoute: FastifyPluginAsyncZod<Services> = async (app, services) => {
  const { models, embedder, config } = services;
  app.post('/v1/embeddings/page', {
    config: { access: 'embed' },
    schema: {
      summary: 'Embed every panel of a page',
      description:
        'One page, or several in `pages`: saved files of the OCR form (bbox, text) or the VLM form (box_2d, description, text_content). Options may stand in the query, in fields of the form, in `options`, or beside the fields of the page.',
      tags: ['embeddings'],
      querystring: pageOptionsSchema,
      bodies: { 'multipart/form-data': pageFormSchema, 'application/json': pageBodySchema },
      alsoProduces: [NPY_MEDIA_TYPE],
      response: withErrors({ 200: pageResponseSchema }),
    },
    handler: async (request, reply) => {
      const { body, images, fields } = readRequestWithImages(request, reply, services);
      const sources = { query: request.query, form: fields };
      const pagesRequest = parsePagesRequest(body, sources, (name) => models.has(name));
      const { pages, isList } = pagesRequest;
      const { pad_to: padTo, ...embeddingOptions } = pagesRequest.options;
      const panelCount = pages.reduce((total, page) => total + page.panels.length, 0);
      assertItemCount(Math.max(panelCount, pages.length), config.maxItems, isList ? 'pages' : 'panels');
      const signal = clientDisconnectSignal(reply);
      const options = resolveOptions(models, embeddingOptions, request, signal);
      // An array holds one page. Of several, a client that also takes JSON gets that.
      const asNpy = acceptsNpy(request) && !(isList && acceptsJson(request));
      if (asNpy && isList) throw new PanelvecError('not_acceptable', `${NPY_MEDIA_TYPE} holds one page: ask for JSON`);
      const notedInputs = await toPageInputs(pagesRequest, images, options, signal);
      const inputs = notedInputs.map(({ input }) => input);
      images.assertAllUsed();
      assertPadding(inputs, padTo);
      const embedded = await embedder.embedPages(options.servedModel, inputs, options.embedOptions);
      if (!asNpy) return toPageResponse(embedded, notedInputs, pagesRequest, options);
      const rows = embedded.flatMap((page) => toPageRows(page, options, padTo));
      reply.headers(textHeaders(embedded.flatMap((page) => page.panels)));
      return sendNpy(reply, rows, toModelFields(options));
    },
  });
};

function assertPadding(pages: readonly PageInput[], padTo = Number.POSITIVE_INFINITY): void {
  const maxPanels = Math.max(...pages.map(({ panels }) => panels.length));
  if (maxPanels <= padTo) return;
  throw new PanelvecError('invalid_request', `${padTo} rows do not hold ${maxPanels} panels`, { param: 'pad_to' });
}
