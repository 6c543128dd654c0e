import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { z } from 'zod';
import type { searchResponseSchema } from '../../../http/routes/search/search-schemas.ts';
import { postJson } from '../../api/client.ts';
import { hasContent, type SearchQuery, toSearchRequest } from './search-query.ts';
import { findPicture } from './user-pictures.ts';

type SearchResponse = z.infer<typeof searchResponseSchema>;
export type SearchRow = SearchResponse['data'][number];

interface SearchState {
  readonly rows: readonly SearchRow[] | undefined;
  readonly cursor: string | null;
  /** What the service read of the words */
  readonly reading: Pick<SearchResponse['query'], 'truncated' | 'unknown_tokens'> | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
}

const IDLE: SearchState = { rows: undefined, cursor: null, reading: undefined, error: undefined, isLoading: false };

/** Searches whenever the query changes, and for more of the same on demand. */
export function useSearch(query: SearchQuery) {
  const [state, setState] = useState(IDLE);
  const controller = useRef<AbortController | null>(null);
  const key = JSON.stringify(query);

  const run = useCallback(
    async (cursor: string | null) => {
      controller.current?.abort();
      controller.current = new AbortController();
      const { signal } = controller.current;
      setState((before) => ({ ...before, error: undefined, isLoading: true }));
      const request = toSearchRequest(query, findPicture(query.picture)?.dataUri, cursor);
      try {
        const response = await postJson<SearchResponse>('/v1/search', request, { signal });
        setState(({ rows = [] }) => ({
          rows: cursor === null ? response.data : [...rows, ...response.data],
          cursor: response.next_cursor,
          reading: response.query,
          error: undefined,
          isLoading: false,
        }));
      } catch (error) {
        // What was found before stays where only more of it could not be loaded.
        if (!signal.aborted) setState((before) => ({ ...(cursor === null ? IDLE : before), error, isLoading: false }));
      }
    },
    [key],
  );

  useEffect(() => {
    const isComplete = query.picture === '' || findPicture(query.picture) !== undefined;
    if (query.collection !== '' && hasContent(query) && isComplete) void run(null);
    else setState(IDLE);
    return () => controller.current?.abort();
  }, [run]);

  return { ...state, loadMore: () => void run(state.cursor), retry: () => void run(null) };
}
