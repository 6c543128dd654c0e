import { chartColor } from '../../report/chart-colors.ts';
import { roundPixels } from '../../report/svg.ts';

type Shape = (x: number, y: number, radius: number) => string;

/** Path data of filled shapes of about the same area. */
const SHAPES: readonly Shape[] = [
  (x, y, r) => `M${p(x - r)} ${p(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  (x, y, r) => `M${p(x - 0.9 * r)} ${p(y - 0.9 * r)}h${p(1.8 * r)}v${p(1.8 * r)}h${p(-1.8 * r)}z`,
  (x, y, r) => `M${p(x)} ${p(y - 1.3 * r)}l${p(1.2 * r)} ${p(2.1 * r)}h${p(-2.4 * r)}z`,
  (x, y, r) =>
    `M${p(x)} ${p(y - 1.3 * r)}l${p(1.3 * r)} ${p(1.3 * r)}l${p(-1.3 * r)} ${p(1.3 * r)}l${p(-1.3 * r)} ${p(-1.3 * r)}z`,
  (x, y, r) => `M${p(x)} ${p(y + 1.3 * r)}l${p(1.2 * r)} ${p(-2.1 * r)}h${p(-2.4 * r)}z`,
  (x, y, r) => {
    const [arm, half] = [p(0.8 * r), p(0.4 * r)];
    const right = `h${arm}v${-arm}h${2 * half}v${arm}h${arm}`;
    return `M${p(x - half - arm)} ${p(y - half)}${right}v${2 * half}h${-arm}v${arm}h${-2 * half}v${-arm}h${-arm}z`;
  },
];

/** As many series as have a look of their own: colours and shapes both change from one to the next. */
export const MAX_SERIES = 24;

/** The path data of a marker. Series are told apart by its shape as well as by its colour. */
export function markerPath(series: number, x: number, y: number, radius: number): string {
  const shape = SHAPES[series % SHAPES.length];
  return shape === undefined ? '' : shape(x, y, radius);
}

/** A marker beside its name in a legend. */
export function markerKey(series: number, color = chartColor(series)): string {
  return `<svg class="marker" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"><path d="${markerPath(series, 7, 7, 5)}" fill="${color}"/></svg>`;
}

function p(pixels: number): number {
  return roundPixels(pixels);
}
