import type { SearchFilters } from './search-filters.ts';

/** What a query may consist of. Each is embedded alone, or is the vector of stored panels. */
export const QUERY_PARTS = ['text', 'image', 'panel', 'composition', 'positive'] as const;
export type QueryPart = (typeof QUERY_PARTS)[number];
/** What a weight is for: a part of the query, or the panels that its results shall not be like. */
export const WEIGHT_NAMES = [...QUERY_PARTS, 'negative'] as const;
export type WeightName = (typeof WEIGHT_NAMES)[number];

export type QueryWeights = Readonly<Record<WeightName, number>>;

/**
 * A part that is given counts fully. What results shall not be like counts half: at the full weight, panels that are unlike
 * everything would win over those that are like the query.
 */
export const DEFAULT_WEIGHTS: QueryWeights = {
  text: 1,
  image: 1,
  panel: 1,
  composition: 1,
  positive: 1,
  negative: 0.5,
};

/** What a search gives: panels, or pages with their best panel. */
export const SEARCH_LEVELS = ['panel', 'page'] as const;
export type SearchLevel = (typeof SEARCH_LEVELS)[number];

export interface SearchQuery {
  /** The name of the collection */
  readonly collection: string;
  /** The model that embeds the query; by default a served one of the collection's space */
  readonly model: string | undefined;
  readonly text: string | undefined;
  /** An encoded image; `field` is its path in the request */
  readonly image: { readonly bytes: Uint8Array; readonly field: string } | undefined;
  /** Seven numbers */
  readonly composition: readonly number[] | undefined;
  /** The id of a panel to find others like it */
  readonly panel: string | undefined;
  /** The ids of panels that results shall be like */
  readonly positive: readonly string[];
  /** The ids of panels that results shall not be like */
  readonly negative: readonly string[];
  /** Those that differ from the defaults */
  readonly weights: Partial<QueryWeights>;
  readonly level: SearchLevel;
  readonly topK: number;
  /** Whether every panel is compared, without the index */
  readonly exact: boolean;
  readonly filters: SearchFilters;
  /** The `next_cursor` of the results before */
  readonly cursor: string | undefined;
}

/** A query of which only matters whether it has an image: it may still have to be fetched. */
export type QueryOutline = Omit<SearchQuery, 'image'> & { readonly image: unknown };

/** The parts that a query has. */
export function givenParts(query: QueryOutline): QueryPart[] {
  return QUERY_PARTS.filter((part) => (part === 'positive' ? query.positive.length > 0 : query[part] !== undefined));
}
