import { polygonContains } from 'd3-polygon';
import type { MapPoints } from './map-data.ts';

export interface Bounds {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

export type Point = [x: number, y: number];

/** The rectangle around places, given as x and y in turn. */
export function boundsOf(places: ArrayLike<number>): Bounds {
  const bounds = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (let i = 0; i < places.length; i += 2) {
    const [x, y] = [places[i] ?? 0, places[i + 1] ?? 0];
    bounds.minX = Math.min(bounds.minX, x);
    bounds.maxX = Math.max(bounds.maxX, x);
    bounds.minY = Math.min(bounds.minY, y);
    bounds.maxY = Math.max(bounds.maxY, y);
  }
  return bounds;
}

/** The point nearest to a place within a distance; -1 if none is. */
export function findNearest({ count, places }: MapPoints, [x, y]: Point, maxDistance: number): number {
  let [nearest, smallest] = [-1, maxDistance ** 2];
  for (let i = 0; i < count; i++) {
    const distance = ((places[2 * i] ?? 0) - x) ** 2 + ((places[2 * i + 1] ?? 0) - y) ** 2;
    if (distance <= smallest) [nearest, smallest] = [i, distance];
  }
  return nearest;
}

/** The points in a rectangle. */
export function findInBounds({ count, places }: MapPoints, { minX, minY, maxX, maxY }: Bounds): number[] {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const [x, y] = [places[2 * i] ?? 0, places[2 * i + 1] ?? 0];
    if (x >= minX && x <= maxX && y >= minY && y <= maxY) found.push(i);
  }
  return found;
}

/** The points in a polygon. */
export function findInPolygon(points: MapPoints, polygon: Point[]): number[] {
  if (polygon.length < 3) return [];
  const { places } = points;
  return findInBounds(points, boundsOf(polygon.flat())).filter((i) =>
    polygonContains(polygon, [places[2 * i] ?? 0, places[2 * i + 1] ?? 0]),
  );
}
