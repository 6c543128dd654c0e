import type { z } from 'zod';
import type {
  CollectionResponse,
  collectionListSchema,
  facetsSchema,
} from '../../http/routes/collections/collection-schemas.ts';
import type { MapResponse } from '../../http/routes/collections/map-schemas.ts';
import type { PanelResponse } from '../../http/routes/collections/panel-response.ts';
import type { panelDetailSchema, panelListSchema } from '../../http/routes/collections/panel-schemas.ts';
import { getJson } from './client.ts';

export type Collection = CollectionResponse;
export type Facets = z.infer<typeof facetsSchema>;
/** A panel of a collection, as every answer has it. */
export type Panel = PanelResponse;
export type PanelDetails = z.infer<typeof panelDetailSchema>;

const collectionPath = (name: string) => `/v1/collections/${encodeURIComponent(name)}`;

export async function listCollections(signal: AbortSignal): Promise<readonly Collection[]> {
  return (await getJson<z.infer<typeof collectionListSchema>>('/v1/collections', { signal })).data;
}

export function getFacets(collection: string, signal: AbortSignal): Promise<Facets> {
  return getJson(`${collectionPath(collection)}/facets`, { signal });
}

/** The clusters and legends of a map, without its points. */
export function getMap(collection: string, signal: AbortSignal): Promise<MapResponse> {
  return getJson(`${collectionPath(collection)}/map`, { signal });
}

export async function getPanels(
  collection: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Panel[]> {
  if (ids.length === 0) return [];
  const query = new URLSearchParams({ ids: ids.join(',') });
  return (await getJson<z.infer<typeof panelListSchema>>(`${collectionPath(collection)}/panels?${query}`, { signal }))
    .data;
}

export function getPanel(collection: string, id: string, signal: AbortSignal): Promise<PanelDetails> {
  return getJson(`${collectionPath(collection)}/panels/${encodeURIComponent(id)}`, { signal });
}
