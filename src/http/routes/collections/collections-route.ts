import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { deleteCollection, getCollection, listCollections } from '../../../collections/collection-records.ts';
import { findMapped } from '../../../collections/map/collection-map.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { recordAudit } from '../../record-audit.ts';
import {
  type CollectionResponse,
  collectionListSchema,
  collectionParamsSchema,
  collectionSchema,
  deletedSchema,
  facetsSchema,
  toCollectionResponse,
  toFacetsResponse,
} from './collection-schemas.ts';

const tags = ['collections'];

/** /v1/collections: lists, shows and deletes what index jobs have made. */
export const collectionsRoute: FastifyPluginAsyncZod<Pick<Services, 'collections' | 'models' | 'audit'>> = async (
  app,
  { collections, models, audit },
) => {
  app.get('/v1/collections', {
    config: { access: 'search' },
    schema: { summary: 'List collections', tags, response: withErrors({ 200: collectionListSchema }) },
    handler: async (): Promise<z.infer<typeof collectionListSchema>> => {
      const { all, mapped } = await collections.use(async (database) => {
        const all = await listCollections(database);
        return { all, mapped: await findMapped(database, all) };
      });
      return { object: 'list', data: all.map((collection) => toCollectionResponse(collection, models, mapped)) };
    },
  });

  const params = collectionParamsSchema;
  app.get('/v1/collections/:collection', {
    config: { access: 'search' },
    schema: { summary: 'Show a collection', tags, params, response: withErrors({ 200: collectionSchema }) },
    handler: async (request): Promise<CollectionResponse> => {
      const { collection, mapped } = await collections.use(async (database) => {
        const collection = await getCollection(database, request.params.collection);
        return { collection, mapped: await findMapped(database, [collection]) };
      });
      return toCollectionResponse(collection, models, mapped);
    },
  });

  app.delete('/v1/collections/:collection', {
    config: { access: 'jobs' },
    schema: {
      summary: 'Delete a collection',
      description: 'The pages and the stores that it was made of stay.',
      tags,
      params,
      response: withErrors({ 200: deletedSchema }),
    },
    handler: async (request): Promise<z.infer<typeof deletedSchema>> => {
      const { name } = await collections.use((database) => deleteCollection(database, request.params.collection));
      recordAudit(audit, request, { action: 'collection.delete', subject: name });
      return { object: 'collection', name, deleted: true };
    },
  });

  app.get('/v1/collections/:collection/facets', {
    config: { access: 'search' },
    schema: {
      summary: 'Count the panels of each book and type of page',
      tags,
      params,
      response: withErrors({ 200: facetsSchema }),
    },
    handler: async (request): Promise<z.infer<typeof facetsSchema>> => {
      const { collection: name } = request.params;
      return toFacetsResponse((await collections.use((database) => getCollection(database, name))).facets);
    },
  });
};
