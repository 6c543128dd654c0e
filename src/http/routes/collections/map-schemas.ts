import { z } from 'zod';
import type { Collection } from '../../../collections/collection.ts';
import type { MapSummary } from '../../../collections/map/collection-map.ts';

const legendSchema = z.array(z.strictObject({ value: z.string(), panels: z.number().int() }));

export const mapSchema = z
  .strictObject({
    object: z.literal('map'),
    collection: z.string(),
    count: z.number().int().describe('Panels on the map: all, or a random 100,000 of a larger collection'),
    total: z.number().int().describe('Panels of the collection'),
    landmarks: z
      .number()
      .int()
      .describe('Panels that UMAP placed; any other lies at the weighted mean of its five nearest of these'),
    seed: z.number().int(),
    clusters: z
      .array(
        z.strictObject({
          cluster: z.number().int().describe('Its number in the points, from 0'),
          panels: z.number().int(),
          faces: z.array(z.string()).describe('Ids of the panels nearest to its centre, the nearest first'),
        }),
      )
      .describe('By k-means over the vectors, the largest first'),
    books: legendSchema.describe('The books with most panels on the map; books of points are indexes into this list'),
    page_types: legendSchema.describe('Types of pages, as the books'),
    points_url: z.string(),
  })
  .meta({ id: 'CollectionMap' });

export type MapResponse = z.infer<typeof mapSchema>;

export function toMapResponse(collection: Pick<Collection, 'name' | 'panels'>, summary: MapSummary): MapResponse {
  const { count, landmarks, seed, clusters, books, pageTypes } = summary;
  return {
    object: 'map',
    collection: collection.name,
    count,
    total: collection.panels,
    landmarks,
    seed,
    clusters: clusters.map(({ panels, faces }, cluster) => ({ cluster, panels, faces: [...faces] })),
    books: [...books],
    page_types: [...pageTypes],
    points_url: `/v1/collections/${encodeURIComponent(collection.name)}/map/points`,
  };
}
