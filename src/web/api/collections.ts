import { getJson } from './client.ts';

/** A panel of a collection, as every answer has it. */
export interface Panel {
  readonly id: string;
  readonly canonical_id: string;
  readonly book: string;
  readonly page_type: string;
  readonly panel: number;
  readonly number: number | null;
  readonly box: readonly number[];
  readonly text: string | null;
  readonly image_url: string;
  readonly page_url: string;
}

export interface Collection {
  readonly name: string;
  readonly model: string;
  readonly pages: number;
  readonly panels: number;
  readonly has_map: boolean;
  readonly searchable: boolean;
}

export interface Facets {
  readonly books: readonly { readonly value: string; readonly panels: number }[];
  readonly page_types: readonly { readonly value: string; readonly panels: number }[];
  readonly books_total: number;
}

export interface PanelDetails extends Panel {
  readonly page: {
    readonly canonical_id: string;
    readonly book: string;
    readonly page_type: string;
    readonly summary: string;
    readonly width: number | null;
    readonly height: number | null;
    readonly panels: readonly Pick<Panel, 'id' | 'panel' | 'box' | 'text'>[];
    readonly previous: { readonly canonical_id: string; readonly panel_id: string } | null;
    readonly next: { readonly canonical_id: string; readonly panel_id: string } | null;
  };
  readonly gate: { readonly vision: number; readonly text: number; readonly composition: number } | null;
}

interface List<T> {
  readonly data: readonly T[];
}

const collectionPath = (name: string) => `/v1/collections/${encodeURIComponent(name)}`;

export async function listCollections(signal: AbortSignal): Promise<readonly Collection[]> {
  return (await getJson<List<Collection>>('/v1/collections', { signal })).data;
}

export function getFacets(collection: string, signal: AbortSignal): Promise<Facets> {
  return getJson(`${collectionPath(collection)}/facets`, { signal });
}

export async function getPanels(
  collection: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Panel[]> {
  if (ids.length === 0) return [];
  const query = new URLSearchParams({ ids: ids.join(',') });
  return (await getJson<List<Panel>>(`${collectionPath(collection)}/panels?${query}`, { signal })).data;
}

export function getPanel(collection: string, id: string, signal: AbortSignal): Promise<PanelDetails> {
  return getJson(`${collectionPath(collection)}/panels/${encodeURIComponent(id)}`, { signal });
}
