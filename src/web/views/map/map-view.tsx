import { listCollections } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { navigate, type Route } from '../../app/route.ts';
import { CollectionsMissing } from '../../components/collections-missing.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorMessage } from '../../components/error-message.tsx';
import { Loading } from '../../components/loading.tsx';
import { PanelDialog } from '../search/panel-dialog.tsx';
import { parseQuery, queryHref } from '../search/search-query.ts';
import { loadMap } from './map-data.ts';
import { MapForm } from './map-form.tsx';
import { MapPane } from './map-pane.tsx';
import { mapHref, parseMapQuery } from './map-query.ts';
import './map-view.css';

/** All panels of a collection in two dimensions: what is alike lies together. */
export function MapView({ route }: { readonly route: Route }) {
  const request = useRequest(listCollections, []);
  const { data: collections } = request;
  const asked = parseMapQuery(route.params);
  const first = collections?.find(({ has_map }) => has_map) ?? collections?.[0];
  const query = { ...asked, collection: asked.collection || (first?.name ?? '') };
  const collection = collections?.find(({ name }) => name === query.collection);
  const { data, error: mapError } = useRequest(
    async (signal) => (collection?.has_map ? loadMap(collection.name, signal) : undefined),
    [collection?.name, collection?.ready_at],
  );
  const panel = route.params.get('panel');

  if (!collections || collections.length === 0) return <CollectionsMissing title="Map" request={request} />;
  const isLoaded = data !== undefined && data.map.collection === query.collection;
  return (
    <div class="map-view">
      <h1>Map</h1>
      <MapForm
        query={query}
        collections={collections}
        onChange={(change) => navigate(mapHref({ ...query, ...change }))}
      />
      {mapError !== undefined && <ErrorMessage error={mapError} />}
      {!collection && (
        <EmptyState title={`There is no collection ${query.collection}`}>
          <p>Choose one of the others above.</p>
        </EmptyState>
      )}
      {collection && !collection.has_map && (
        <EmptyState title="This collection has no map">
          <p>The index job that makes a collection also makes its map. Run the job again.</p>
        </EmptyState>
      )}
      {collection?.has_map && !isLoaded && !mapError && <Loading label="The map is loading" />}
      {isLoaded && (
        <MapPane key={query.collection} data={data} query={query} isSearchable={collection?.searchable === true} />
      )}
      {panel !== null && query.collection !== '' && (
        <PanelDialog
          collection={query.collection}
          id={panel}
          hrefOf={(id) => mapHref(query, id)}
          onClose={() => navigate(mapHref(query))}
          onMore={(list, id) =>
            navigate(queryHref({ ...parseQuery(new URLSearchParams()), collection: query.collection, [list]: [id] }))
          }
        />
      )}
    </div>
  );
}
