import { postJson } from '../../api/client.ts';
import { useRequest } from '../../api/use-request.ts';
import type { MapQuery } from './map-query.ts';

const MAX_FOUND = 50;

/** The ids of the panels that a search for the words finds; undefined without words. */
export function useFound({ collection, text }: MapQuery) {
  return useRequest(
    async (signal) => {
      if (text.trim() === '' || collection === '') return undefined;
      const body = { collection, text, top_k: MAX_FOUND };
      const { data } = await postJson<{ data: readonly { readonly id: string }[] }>('/v1/search', body, { signal });
      return data.map(({ id }) => id);
    },
    [collection, text],
  );
}
