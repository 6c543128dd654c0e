import { useMemo } from 'preact/hooks';
import { navigate } from '../../app/route.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { useTheme } from '../../components/use-theme.ts';
import { ClusterList } from './cluster-list.tsx';
import type { MapLabel } from './map-canvas.tsx';
import { colourPoints } from './map-colours.ts';
import type { MapData } from './map-data.ts';
import { MapLegend } from './map-legend.tsx';
import { type MapQuery, mapHref } from './map-query.ts';
import { MapStage } from './map-stage.tsx';
import { PanelList } from './panel-list.tsx';
import { useFound } from './use-found.ts';
import { type Selection, useSelection } from './use-selection.ts';

interface MapPaneProps {
  readonly data: MapData;
  readonly query: MapQuery;
  readonly isSearchable: boolean;
}

/** The map with its legend, its clusters, and a list of what is chosen on it or found. */
export function MapPane({ data, query, isSearchable }: MapPaneProps) {
  const { map, points } = data;
  const theme = useTheme();
  const found = useFound({ ...query, text: isSearchable ? query.text : '' });
  const colours = useMemo(() => colourPoints(data, query.colouring, theme), [data, query.colouring, theme]);
  const labels = useMemo(() => (query.colouring === 'cluster' ? numberClusters(data) : []), [data, query.colouring]);
  const { selection, clear, chooseCluster, chooseEntry, chooseArea, chooseVisible } = useSelection(points, colours);
  const foundPoints = useMemo(
    () => found.data?.map((id) => points.indexOf(id)).filter((index) => index >= 0),
    [found.data, points],
  );
  const listed: Selection | undefined =
    selection ?? (foundPoints && { title: `Found by “${query.text}”`, points: foundPoints });
  const ids = useMemo(() => listed?.points.map(points.idOf), [listed?.points]);
  const closeList = () => {
    clear();
    if (selection === undefined) navigate(mapHref({ ...query, text: '' }));
  };

  return (
    <>
      <p class="hint">
        {map.count < map.total && `A random sample of ${map.total.toLocaleString('en')}: `}
        {map.count.toLocaleString('en')} panels. Those that are alike lie together; how far groups are from each other
        says little.
      </p>
      {found.error !== undefined && <ErrorMessage error={found.error} />}
      {!isSearchable && query.text !== '' && (
        <p class="message message-note" role="status">
          This service does not serve the model of this collection, so words find nothing in it.
        </p>
      )}
      <div class="map-layout">
        <div class="map-stage">
          <MapStage
            data={data}
            colours={colours}
            marked={listed?.points}
            labels={labels}
            theme={theme}
            onPick={(index) => navigate(mapHref(query, points.idOf(index)))}
            onArea={chooseArea}
            onVisible={chooseVisible}
          />
          <MapLegend title={query.colouring} legend={colours.legend} onChoose={chooseEntry} />
        </div>
        <ClusterList map={map} chosen={selection?.cluster} onChoose={chooseCluster} />
      </div>
      {listed && ids && (
        <PanelList
          title={listed.title}
          collection={map.collection}
          ids={ids}
          hrefOf={(id) => mapHref(query, id)}
          onClose={closeList}
        />
      )}
    </>
  );
}

/** The number of each cluster, beside the panel nearest to its centre. */
function numberClusters({ map, points: { places, indexOf } }: MapData): MapLabel[] {
  return map.clusters.flatMap(({ cluster, faces: [face = ''] }) => {
    const index = indexOf(face);
    if (index < 0) return [];
    return [{ text: String(cluster + 1), place: [places[2 * index] ?? 0, places[2 * index + 1] ?? 0] }];
  });
}
