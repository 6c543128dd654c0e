import { useMemo, useState } from 'preact/hooks';
import { type Colours, type LegendEntry, pointsOfEntry } from './map-colours.ts';
import type { MapPoints } from './map-data.ts';
import { type Bounds, findInBounds, findInPolygon, type Point } from './map-geometry.ts';

/** Points that somebody has chosen, and how the list of them is called. */
export interface Selection {
  readonly title: string;
  readonly points: readonly number[];
  readonly cluster?: number;
}

/** The points that somebody chooses on a map: a cluster, a colour, an area. */
export function useSelection(points: MapPoints, colours: Colours) {
  const [selection, setSelection] = useState<Selection>();
  return useMemo(
    () => ({
      selection,
      clear: () => setSelection(undefined),
      chooseCluster: (cluster: number) =>
        setSelection(
          selection?.cluster === cluster
            ? undefined
            : { title: `Cluster ${cluster + 1}`, points: indexesOf(points.clusters, cluster), cluster },
        ),
      chooseEntry: (entry: LegendEntry) => setSelection({ title: entry.label, points: pointsOfEntry(colours, entry) }),
      chooseArea: (polygon: Point[]) => setSelection({ title: 'In the area', points: findInPolygon(points, polygon) }),
      chooseVisible: (bounds: Bounds) =>
        setSelection({ title: 'On the visible part of the map', points: findInBounds(points, bounds) }),
    }),
    [selection, points, colours],
  );
}

function indexesOf(values: ArrayLike<number>, value: number): number[] {
  return Array.from(values, (other, index) => (other === value ? index : -1)).filter((index) => index >= 0);
}
