import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import { navigate } from '../../app/route.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { useTheme } from '../../components/use-theme.ts';
import { ClusterList } from './cluster-list.tsx';
import { HoverCard } from './hover-card.tsx';
import { Lasso } from './lasso.tsx';
import { MapCanvas, type MapControls } from './map-canvas.tsx';
import { colourPoints, type LegendEntry, pointsOfEntry } from './map-colours.ts';
import type { MapData, MapPoints } from './map-data.ts';
import { findInBounds, findInPolygon, type Point } from './map-geometry.ts';
import { MapLegend } from './map-legend.tsx';
import { type MapQuery, mapHref } from './map-query.ts';
import { PanelList } from './panel-list.tsx';
import { useFound } from './use-found.ts';

interface MapPaneProps {
  readonly data: MapData;
  readonly query: MapQuery;
  readonly isSearchable: boolean | undefined;
}

/** Points that somebody has chosen, and how the list of them is called. */
interface Selection {
  readonly title: string;
  readonly points: readonly number[];
  readonly cluster?: number;
}

/** The map with its legend, its clusters, and a list of what is chosen on it. */
export function MapPane({ data, query, isSearchable }: MapPaneProps) {
  const { map, points } = data;
  const theme = useTheme();
  const controls = useRef<MapControls>(null);
  const [selection, setSelection] = useState<Selection>();
  const [hovered, setHovered] = useState<{ readonly index: number; readonly pixel: Point }>();
  const [isLassoOn, setLassoOn] = useState(false);
  const [failure, setFailure] = useState<Error | undefined>(() => (hasWebGl() ? undefined : new Error('no WebGL')));
  const container = useRef<HTMLDivElement>(null);
  const found = useFound({ ...query, text: isSearchable ? query.text : '' });

  const colours = useMemo(() => colourPoints(data, query.colouring, theme), [data, query.colouring, theme]);
  const labels = useMemo(
    () =>
      query.colouring === 'cluster'
        ? map.clusters.flatMap(({ cluster, faces: [face = ''] }) => {
            const index = points.indexOf(face);
            return index < 0 ? [] : [{ text: String(cluster + 1), place: placeOf(points, index) }];
          })
        : [],
    [data, query.colouring],
  );
  const foundPoints = useMemo(
    () => found.data?.map((id) => points.indexOf(id)).filter((index) => index >= 0),
    [found.data, points],
  );
  const listed: Selection | undefined =
    selection ?? (foundPoints && { title: `Found by “${query.text}”`, points: foundPoints });
  const ids = useMemo(() => listed?.points.map(points.idOf), [listed?.points]);

  const choose = (chosen: Selection) => {
    setSelection(chosen);
    setLassoOn(false);
  };
  const chooseCluster = (cluster: number) =>
    selection?.cluster === cluster
      ? setSelection(undefined)
      : choose({ title: `Cluster ${cluster + 1}`, points: indexesOf(points.clusters, cluster), cluster });
  const chooseEntry = (entry: LegendEntry) => choose({ title: entry.label, points: pointsOfEntry(colours, entry) });
  const listVisible = () => {
    const bounds = controls.current?.visibleBounds();
    if (bounds) choose({ title: 'On the visible part of the map', points: findInBounds(points, bounds) });
  };
  const closeList = () => {
    setSelection(undefined);
    if (!selection) navigate(mapHref({ ...query, text: '' }));
  };
  const hover = useCallback((index: number, pixel: Point) => setHovered(index < 0 ? undefined : { index, pixel }), []);
  const pick = (index: number) => navigate(mapHref(query, points.idOf(index)));

  return (
    <>
      <p class="hint">
        {map.count < map.total
          ? `A random ${map.count.toLocaleString('en')} of ${map.total.toLocaleString('en')} panels. `
          : `${map.count.toLocaleString('en')} panels. `}
        Those whose vectors are alike lie together; distances between far groups say little.
      </p>
      {found.error !== undefined && <ErrorMessage error={found.error} />}
      {!isSearchable && query.text !== '' && (
        <p class="message message-note" role="status">
          No model is served that finds words in this collection.
        </p>
      )}
      <div class="map-layout">
        <div class="map-stage">
          {failure ? (
            <p class="map-failure" role="status">
              This browser cannot draw the map: it needs WebGL 2. The clusters and their panels are listed here all the
              same.
            </p>
          ) : (
            <>
              <div class="map-frame" ref={container} onPointerLeave={() => setHovered(undefined)}>
                <MapCanvas
                  controls={controls}
                  points={points}
                  colours={colours}
                  marked={listed?.points}
                  labels={labels}
                  theme={theme}
                  onHover={hover}
                  onPick={pick}
                  onError={setFailure}
                />
                {isLassoOn && (
                  <Lasso
                    onDrawn={(polygon) => {
                      const corners = polygon.flatMap((pixel) => controls.current?.toMap(pixel) ?? []);
                      choose({ title: 'In the area', points: findInPolygon(points, toPoints(corners)) });
                    }}
                  />
                )}
                {hovered && !isLassoOn && (
                  <HoverCard
                    collection={map.collection}
                    id={points.idOf(hovered.index)}
                    pixel={hovered.pixel}
                    width={container.current?.clientWidth ?? 0}
                  />
                )}
              </div>
              <fieldset class="map-tools" aria-label="Tools of the map">
                <button type="button" aria-pressed={isLassoOn} onClick={() => setLassoOn(!isLassoOn)}>
                  Draw around panels
                </button>
                <button type="button" onClick={listVisible}>
                  List what is visible
                </button>
                <button type="button" aria-label="Zoom in" onClick={() => controls.current?.zoomBy(1)}>
                  +
                </button>
                <button type="button" aria-label="Zoom out" onClick={() => controls.current?.zoomBy(-1)}>
                  −
                </button>
                <button type="button" onClick={() => controls.current?.showAll()}>
                  Show all
                </button>
              </fieldset>
            </>
          )}
          <MapLegend title={query.colouring} legend={colours.legend} onChoose={chooseEntry} />
        </div>
        <ClusterList map={map} chosen={selection?.cluster} onChoose={chooseCluster} />
      </div>
      {listed && ids && (
        <PanelList
          key={ids.join().slice(0, 200)}
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

function hasWebGl(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

function placeOf({ places }: MapPoints, index: number): Point {
  return [places[2 * index] ?? 0, places[2 * index + 1] ?? 0];
}

function indexesOf(values: ArrayLike<number>, value: number): number[] {
  return Array.from(values, (other, index) => (other === value ? index : -1)).filter((index) => index >= 0);
}

function toPoints(coordinates: readonly number[]): Point[] {
  return Array.from({ length: coordinates.length / 2 }, (_, i) => [
    coordinates[2 * i] ?? 0,
    coordinates[2 * i + 1] ?? 0,
  ]);
}
