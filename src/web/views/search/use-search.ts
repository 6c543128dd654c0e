import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { postJson } from '../../api/client.ts';
import type { Panel } from '../../api/collections.ts';
import { hasContent, type SearchQuery, toSearchRequest } from './search-query.ts';
import { findPicture } from './user-pictures.ts';

export interface SearchRow extends Panel {
  readonly score: number;
  readonly near_duplicate_of: string | null;
}

interface SearchResponse {
  readonly data: readonly SearchRow[];
  readonly next_cursor: string | null;
}

interface SearchState {
  readonly rows: readonly SearchRow[] | undefined;
  readonly cursor: string | null;
  readonly error: unknown;
  readonly isLoading: boolean;
}

const IDLE: SearchState = { rows: undefined, cursor: null, error: undefined, isLoading: false };

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
        const { data, next_cursor } = await postJson<SearchResponse>('/v1/search', request, { signal });
        setState(({ rows = [] }) => ({
          rows: cursor === null ? data : [...rows, ...data],
          cursor: next_cursor,
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
