import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import fresh from 'fresh';
import { z } from 'zod';
import { readMapPoints, readMapSummary } from '../../../collections/map/collection-map.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { collectionParamsSchema } from './collection-schemas.ts';
import { type MapResponse, mapSchema, toMapResponse } from './map-schemas.ts';

const BINARY = 'application/octet-stream';
/** Another index job changes the points, so that a browser has to ask. */
const CACHE_CONTROL = 'private, no-cache';

const tags = ['collections'];
const params = collectionParamsSchema;

/** /v1/collections/{collection}/map: all panels in two dimensions, and their clusters. */
export const mapRoute: FastifyPluginAsyncZod<Pick<Services, 'collections'>> = async (app, { collections }) => {
  app.get('/v1/collections/:collection/map', {
    config: { access: 'search' },
    schema: {
      summary: 'Show the map of a collection: its clusters and legends',
      tags,
      params,
      response: withErrors({ 200: mapSchema }),
    },
    handler: async (request): Promise<MapResponse> =>
      collections.useCollection(request.params.collection, async (database, collection) =>
        toMapResponse(collection, (await readMapSummary(database, collection)).summary),
      ),
  });

  app.get('/v1/collections/:collection/map/points', {
    config: { access: 'search' },
    schema: {
      summary: 'Download the points of the map of a collection',
      description:
        'Little-endian: version 1 and the number of points n, uint32; x and y of each point, float32; n ids of 8 bytes; n books, uint16 (65535: not in the legend); n types of pages, uint8 (255: not in the legend); n clusters, uint8.',
      tags,
      params,
      alsoProduces: [BINARY],
      response: withErrors({ 200: z.unknown() }),
    },
    handler: async (request, reply) =>
      collections.useCollection(request.params.collection, async (database, collection) => {
        const etag = `"${(await readMapSummary(database, collection)).sha256}"`;
        reply.headers({ etag, 'cache-control': CACHE_CONTROL });
        if (fresh(request.headers, { etag })) return reply.status(304).send();
        return reply.type(BINARY).send(await readMapPoints(database, collection));
      }),
  });
};
