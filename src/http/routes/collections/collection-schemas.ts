import { z } from 'zod';
import type { Collection, CollectionFacets } from '../../../collections/collection.ts';
import type { ServedModels } from '../../../embedding/served-models.ts';

export const collectionParamsSchema = z.strictObject({ collection: z.string().describe('The name of the collection') });

export const collectionSchema = z
  .strictObject({
    object: z.literal('collection'),
    name: z.string(),
    model: z.string().describe('The id of the model that embedded it'),
    space: z.string(),
    dimensions: z.number().int(),
    pages: z.number().int(),
    panels: z.number().int(),
    source: z
      .record(z.string(), z.unknown())
      .describe('The `store` or the `dataset` that it was made of, as the index job had it'),
    job_id: z.string(),
    created_at: z.number().int().describe('Unix time in seconds'),
    ready_at: z.number().int().describe('Unix time in seconds'),
    searchable: z.boolean().describe('Whether a model is served that embeds into this space'),
    has_map: z.boolean(),
    facets_url: z.string(),
  })
  .meta({ id: 'Collection' });
export type CollectionResponse = z.infer<typeof collectionSchema>;

export const collectionListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(collectionSchema) })
  .meta({ id: 'CollectionList' });

const facetSchema = z.array(z.strictObject({ value: z.string(), panels: z.number().int() }));
export const facetsSchema = z
  .strictObject({
    books: facetSchema.describe('The books with most panels'),
    books_total: z.number().int(),
    page_types: facetSchema,
  })
  .meta({ id: 'CollectionFacets' });

export const deletedSchema = z
  .strictObject({ object: z.literal('collection'), name: z.string(), deleted: z.literal(true) })
  .meta({ id: 'DeletedCollection' });

export function toCollectionResponse(
  collection: Collection,
  models: ServedModels,
  mapped: ReadonlySet<number>,
): CollectionResponse {
  const { name, model, space, dimensions, pages, panels, jobId, createdAt, readyAt } = collection;
  const { store, dataset } = collection.source;
  return {
    object: 'collection',
    name,
    model,
    space,
    dimensions,
    pages,
    panels,
    source: { ...(store !== undefined && { store }), ...(dataset !== undefined && { dataset }) },
    job_id: jobId,
    created_at: toUnixSeconds(createdAt),
    ready_at: toUnixSeconds(readyAt ?? createdAt),
    searchable: models.all.some((served) => served.space === space),
    has_map: mapped.has(collection.id),
    facets_url: `/v1/collections/${encodeURIComponent(name)}/facets`,
  };
}

export function toFacetsResponse(facets: CollectionFacets | null): z.infer<typeof facetsSchema> {
  const { books, booksTotal, pageTypes } = facets ?? { books: [], booksTotal: 0, pageTypes: [] };
  return { books: [...books], books_total: booksTotal, page_types: [...pageTypes] };
}

function toUnixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
