import { useState } from 'preact/hooks';
import { type Collection, listCollections } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { navigate, type Route } from '../../app/route.ts';
import { CollectionsMissing } from '../../components/collections-missing.tsx';
import { ErrorMessage } from '../../components/error-message.tsx';
import { PanelDialog } from './panel-dialog.tsx';
import { QueryForm } from './query-form.tsx';
import { Results } from './results.tsx';
import './search-view.css';
import { hasContent, parseQuery, queryHref, type SearchQuery } from './search-query.ts';
import { CollectionNotSearchable, StartHint } from './start-states.tsx';
import { useSearch } from './use-search.ts';
import { keepPicture, pictureIn } from './user-pictures.ts';

/** Finds panels by picture, by words, or by both. The address holds the query. */
export function SearchView({ route }: { readonly route: Route }) {
  const request = useRequest(listCollections, []);
  const { data: collections } = request;
  const asked = parseQuery(route.params);
  const named = collections?.find(({ name }) => name === asked.collection);
  const collection = named ?? (asked.collection === '' ? newest(collections ?? []) : undefined);
  const query = { ...asked, collection: asked.collection || (collection?.name ?? '') };
  const search = useSearch(query);
  const drop = usePictureDrop(query);
  const panel = route.params.get('panel');

  const show = (change: Partial<SearchQuery>) => navigate(queryHref({ ...query, ...change }));
  const addTo = (list: 'positive' | 'negative', id: string) => {
    const without = (ids: readonly string[]) => ids.filter((other) => other !== id);
    const lists = { positive: without(query.positive), negative: without(query.negative) };
    show({ ...lists, [list]: [...lists[list], id] });
  };

  if (!collections || collections.length === 0) return <CollectionsMissing title="Search" request={request} />;
  return (
    <div class={drop.isOver ? 'search-view is-dropping' : 'search-view'} {...drop.handlers}>
      <h1 class={hasContent(query) ? 'visually-hidden' : 'search-title'}>Find a panel</h1>
      <QueryForm query={query} collections={collections} onChange={show} onPicture={drop.take} />
      {drop.error !== undefined && <ErrorMessage error={drop.error} />}
      {collection && !collection.searchable && <CollectionNotSearchable collection={collection} />}
      {hasContent(query) ? (
        <Results query={query} search={search} onMore={addTo} />
      ) : (
        <StartHint query={query} collection={collection} />
      )}
      {panel !== null && query.collection !== '' && (
        <PanelDialog
          collection={query.collection}
          id={panel}
          hrefOf={(id) => queryHref(query, id)}
          onClose={() => show({})}
          onMore={addTo}
        />
      )}
    </div>
  );
}

/** What was indexed last is most likely what somebody wants to search. */
function newest(collections: readonly Collection[]): Collection | undefined {
  return collections.toSorted((a, b) => b.ready_at - a.ready_at)[0];
}

/** Takes pictures that are dropped anywhere on the view, or chosen. */
function usePictureDrop(query: SearchQuery) {
  const [isOver, setOver] = useState(false);
  const [error, setError] = useState<unknown>();
  const take = async (file: File | undefined) => {
    try {
      if (file === undefined) throw new Error('This is not a picture: drop a JPEG, PNG, WebP or AVIF file.');
      const picture = await keepPicture(file);
      setError(undefined);
      navigate(queryHref({ ...query, picture }));
    } catch (err) {
      setError(err);
    }
  };
  const handlers = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      void take(pictureIn(event.dataTransfer));
    },
  };
  return { isOver, error, take, handlers };
}
