import type { z } from 'zod';
import type { searchBodySchema } from '../../../http/routes/search/search-schemas.ts';
import { type RouteParams, routeHref } from '../../app/route.ts';

/** What somebody searches for, as the address holds it. */
export interface SearchQuery {
  readonly collection: string;
  readonly text: string;
  /** The key of a picture of the user. Only its key is in the address: the picture stays in the browser */
  readonly picture: string;
  /** The share of the picture beside the words, in percent */
  readonly pictureShare: number;
  readonly positive: readonly string[];
  readonly negative: readonly string[];
  readonly book: string;
  readonly pageType: string;
  readonly hasText: 'yes' | 'no' | '';
  readonly level: 'panel' | 'page';
}

/** The body of POST /v1/search. */
export type SearchRequest = z.input<typeof searchBodySchema>;

const DEFAULT_PICTURE_SHARE = 50;
const PAGE_SIZE = 24;

export function parseQuery(params: URLSearchParams): SearchQuery {
  const hasText = params.get('has_text');
  const share = Number(params.get('picture_share') ?? DEFAULT_PICTURE_SHARE);
  return {
    collection: params.get('collection') ?? '',
    text: params.get('q') ?? '',
    picture: params.get('picture') ?? '',
    pictureShare: share >= 0 && share <= 100 ? share : DEFAULT_PICTURE_SHARE,
    positive: params.getAll('like'),
    negative: params.getAll('unlike'),
    book: params.get('book') ?? '',
    pageType: params.get('page_type') ?? '',
    hasText: hasText === 'yes' || hasText === 'no' ? hasText : '',
    level: params.get('level') === 'page' ? 'page' : 'panel',
  };
}

/** The address of a query, and of a panel shown over it. */
export function queryHref(query: SearchQuery, panel?: string): string {
  const params: RouteParams = {
    collection: query.collection,
    q: query.text,
    picture: query.picture,
    picture_share: query.pictureShare === DEFAULT_PICTURE_SHARE ? undefined : String(query.pictureShare),
    like: query.positive,
    unlike: query.negative,
    book: query.book,
    page_type: query.pageType,
    has_text: query.hasText,
    level: query.level === 'page' ? 'page' : undefined,
    panel,
  };
  return routeHref('search', [], params);
}

/** Whether there is something to search by: what it should not be like says nothing alone. */
export function hasContent({ text, picture, positive }: SearchQuery): boolean {
  return text.trim() !== '' || picture !== '' || positive.length > 0;
}

/** The request of a query. `image` is the data URI of its picture. */
export function toSearchRequest(query: SearchQuery, image: string | undefined, cursor: string | null): SearchRequest {
  const text = query.text.trim();
  const filters = {
    ...(query.book && { book: query.book }),
    ...(query.pageType && { page_type: query.pageType }),
    ...(query.hasText && { has_text: query.hasText === 'yes' }),
  };
  const share = query.pictureShare / 100;
  return {
    collection: query.collection,
    ...(text && { text }),
    ...(image && { image }),
    ...(text && image && { weights: { image: share, text: 1 - share } }),
    ...(query.positive.length > 0 && { positive: [...query.positive] }),
    ...(query.negative.length > 0 && { negative: [...query.negative] }),
    level: query.level,
    top_k: PAGE_SIZE,
    ...(Object.keys(filters).length > 0 && { filters }),
    ...(cursor !== null && { cursor }),
  };
}
