import { scaleLinear, scaleLog } from 'd3-scale';
import { type AxisScale, axisScale } from '../report/plot-axes.ts';
import type { Chart, ChartLine } from './history-charts.ts';

/** Above this ratio of the largest to the smallest value an axis is logarithmic, so that small values stay legible. */
const MAX_LINEAR_RATIO = 50;
const MAX_Y_TICKS = 6;
const MAX_X_TICKS = 10;

/** The scale of steps or epochs: from the first to the last, labelled at whole numbers. */
export function xScale({ lines }: Chart): AxisScale {
  const first = Math.min(...lines.map(({ series }) => series.firstX));
  const last = Math.max(...lines.map(({ series }) => series.lastX));
  const scale = scaleLinear([first, last], [0, 1]);
  return axisScale(scale, scale.ticks(MAX_X_TICKS).filter(Number.isInteger));
}

/** The scale of lines that share an axis. Its ends are round numbers around the values, or those of `range`. */
export function yScale(lines: readonly ChartLine[], range: Chart['range']): AxisScale {
  const lowest = Math.min(...lines.map(({ summary }) => summary.lowest));
  const highest = Math.max(...lines.map(({ summary }) => summary.highest));
  if (range === null && lowest > 0 && highest / lowest > MAX_LINEAR_RATIO) {
    const scale = scaleLog([lowest, highest], [0, 1]).nice();
    return axisScale(scale, scale.ticks(MAX_Y_TICKS).filter(isPowerOfTen));
  }
  const scale =
    range === null ? scaleLinear(widen(lowest, highest), [0, 1]).nice(MAX_Y_TICKS) : scaleLinear(range, [0, 1]);
  return axisScale(scale, scale.ticks(MAX_Y_TICKS));
}

/** An axis of one value would have no length. */
function widen(lowest: number, highest: number): [number, number] {
  if (lowest < highest) return [lowest, highest];
  const margin = Math.abs(lowest) / 2 || 1;
  return [lowest - margin, highest + margin];
}

function isPowerOfTen(value: number): boolean {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-9;
}
