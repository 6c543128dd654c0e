import { scaleLinear } from 'd3-scale';
import { chartColor } from '../../report/chart-colors.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { svgPicture } from '../../report/svg.ts';
import { MAX_SERIES, markerPath } from './marker.ts';

const SIZE = 420;
const MARGIN = 12;
const MARKER_RADIUS = 3.5;
export const OTHER_COLOR = '#8a8a8a';

export interface ScatterPlot {
  /** Plain text */
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** The name of the series of each point */
  readonly groups: readonly string[];
  /** All series in the order of their looks; from MAX_SERIES - 1 on they share one */
  readonly series: readonly string[];
}

/** The look of a series: the last one is that of all others, if there are too many. */
export function seriesLook(index: number, seriesCount: number): { readonly shape: number; readonly color: string } {
  const isOther = seriesCount > MAX_SERIES && index >= MAX_SERIES - 1;
  return isOther ? { shape: 0, color: OTHER_COLOR } : { shape: index, color: chartColor(index) };
}

/** A square plot of points without axes: on a map of UMAP only nearness means something. */
export function scatterPlot({ label, x, y, groups, series }: ScatterPlot): string {
  const [placeX, placeY] = squareScales(x, y);
  const paths = new Map<string, { readonly color: string; data: string }>();
  groups.forEach((group, i) => {
    const { shape, color } = seriesLook(series.indexOf(group), series.length);
    const key = `${shape} ${color}`;
    const path = paths.get(key) ?? { color, data: '' };
    path.data += markerPath(shape, placeX(x[i] ?? 0), placeY(y[i] ?? 0), MARKER_RADIUS);
    paths.set(key, path);
  });
  const frame = `<rect x="0.5" y="0.5" width="${SIZE - 1}" height="${SIZE - 1}" fill="none" stroke="currentColor" stroke-opacity="0.35"/>`;
  const description = escapeHtml(`${groups.length} panels as points; near points are alike.`);
  return svgPicture({ width: SIZE, height: SIZE, label: escapeHtml(label), description }, [
    frame,
    ...Array.from(paths.values(), ({ color, data }) => `<path d="${data}" fill="${color}" fill-opacity="0.75"/>`),
  ]);
}

/** Both axes have one unit, so that distances are those of the map. */
function squareScales(x: readonly number[], y: readonly number[]) {
  const [middleX, middleY] = [(Math.min(...x) + Math.max(...x)) / 2, (Math.min(...y) + Math.max(...y)) / 2];
  const half = Math.max(Math.max(...x) - middleX, Math.max(...y) - middleY) || 1;
  const scale = (middle: number) => scaleLinear([middle - half, middle + half], [MARGIN, SIZE - MARGIN]);
  return [scale(middleX), scale(middleY)] as const;
}
