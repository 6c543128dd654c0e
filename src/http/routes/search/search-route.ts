import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { PanelSearch, resolveWeights } from '../../../collections/search/panel-search.ts';
import type { Services } from '../../../services.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { emptyQuerySchema, parse } from '../../validation.ts';
import { assertNoFields, readRequestWithImages } from '../embeddings/request-with-images.ts';
import {
  searchBodySchema,
  searchFormSchema,
  searchResponseSchema,
  toQueryWithoutImage,
  toSearchResponse,
} from './search-schemas.ts';

/** POST /v1/search: the panels or pages of a collection that are nearest to a query. */
export const searchRoute: FastifyPluginAsyncZod<Services> = async (app, services) => {
  const { metrics } = services;
  const panelSearch = new PanelSearch(services, metrics.search);
  app.post('/v1/search', {
    config: { access: 'search' },
    schema: {
      summary: 'Search a collection',
      description: 'By any of `text`, `image`, `panel`, `composition` and `positive`: docs/search.md has the rules.',
      tags: ['search'],
      querystring: emptyQuerySchema,
      bodies: { 'application/json': searchBodySchema, 'multipart/form-data': searchFormSchema },
      response: withErrors({ 200: searchResponseSchema }),
    },
    handler: async (request, reply) => {
      const { body, images, fields } = readRequestWithImages(request, reply, services);
      assertNoFields(fields);
      const search = parse(searchBodySchema, body);
      const signal = clientDisconnectSignal(reply);
      const rest = toQueryWithoutImage(search);
      resolveWeights({ ...rest, image: images.isGiven(search.image) || undefined });
      await images.fetchUrls([{ name: search.image, param: 'image' }], signal);
      const bytes = images.takeOptional(search.image, 'image');
      const query = { ...rest, image: bytes && { bytes, field: 'image' } };
      images.assertAllUsed();
      const result = await panelSearch.search(query, {
        signal,
        quota: request.quota,
        ...request.schedule,
      });
      return toSearchResponse(query, result);
    },
  });
};
