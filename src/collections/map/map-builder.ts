import { concatenateFloats, elementAt } from '../../util/arrays.ts';
import { compareNaturally } from '../../util/natural-order.ts';
import type { FacetValue } from '../collection.ts';
import type { MapCluster, MapSummary } from './collection-map.ts';
import type { Placement } from './layout/map-layout.ts';
import { type MapPoints, OTHER_BOOK, OTHER_PAGE_TYPE } from './map-points.ts';
import type { MapPanel } from './map-rows.ts';

const MAX_BOOKS = 1000;
const MAX_PAGE_TYPES = 250;
const FACES = 3;

type Built = Pick<MapSummary, 'clusters' | 'books' | 'pageTypes'> & { readonly points: MapPoints };

interface Legend {
  readonly values: readonly FacetValue[];
  readonly indexes: ReadonlyMap<string, number>;
}

/** Collects the points of a map, and finds its clusters, their faces and its legends. */
export class MapBuilder {
  readonly #panels: MapPanel[] = [];
  readonly #placements: Placement[] = [];

  add(panels: readonly MapPanel[], placement: Placement): void {
    for (const panel of panels) this.#panels.push(panel);
    this.#placements.push(placement);
  }

  build(): Built {
    const panels = this.#panels;
    const clusters = this.#placements.flatMap((placement) => [...placement.clusters]);
    const order = orderBySize(clusters);
    const distances = concatenateFloats(this.#placements.map(({ centreDistances }) => centreDistances));
    const rank = new Map(order.map((cluster, i) => [cluster, i]));
    const [books, pageTypes] = [
      makeLegend(
        panels.map(({ book }) => book),
        MAX_BOOKS,
      ),
      makeLegend(
        panels.map(({ pageType }) => pageType),
        MAX_PAGE_TYPES,
      ),
    ];
    return {
      points: {
        ids: panels.map(({ id }) => id),
        places: concatenateFloats(this.#placements.map(({ places }) => places)),
        books: Uint16Array.from(panels, ({ book }) => books.indexes.get(book) ?? OTHER_BOOK),
        pageTypes: Uint8Array.from(panels, ({ pageType }) => pageTypes.indexes.get(pageType) ?? OTHER_PAGE_TYPE),
        clusters: Uint8Array.from(clusters, (cluster) => rank.get(cluster) ?? 0),
      },
      clusters: order.map((cluster) => this.#describe(cluster, clusters, distances)),
      books: books.values,
      pageTypes: pageTypes.values,
    };
  }

  #describe(cluster: number, clusters: readonly number[], distances: Float32Array): MapCluster {
    const rows = clusters.flatMap((other, row) => (other === cluster ? [row] : []));
    const nearest = rows.toSorted((a, b) => elementAt(distances, a) - elementAt(distances, b)).slice(0, FACES);
    return { panels: rows.length, faces: nearest.map((row) => elementAt(this.#panels, row).id) };
  }
}

/** The clusters that have rows, the largest first. */
function orderBySize(clusters: readonly number[]): number[] {
  const sizes = countValues(clusters);
  return [...sizes].sort(([a, sizeOfA], [b, sizeOfB]) => sizeOfB - sizeOfA || a - b).map(([cluster]) => cluster);
}

function makeLegend(values: readonly string[], max: number): Legend {
  const counted = [...countValues(values)]
    .sort(([a, panelsOfA], [b, panelsOfB]) => panelsOfB - panelsOfA || compareNaturally(a, b))
    .slice(0, max);
  return {
    values: counted.map(([value, panels]) => ({ value, panels })),
    indexes: new Map(counted.map(([value], i) => [value, i])),
  };
}

function countValues<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
