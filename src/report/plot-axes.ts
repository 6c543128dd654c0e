import type { ScaleContinuousNumeric } from 'd3-scale';
import { formatNumber } from './format-number.ts';
import { axisLine, FONT_SIZE, roundPixels, svgText } from './svg.ts';

const TICK_LENGTH = 5;
export const LABEL_GAP = 9;

/** The part of a picture in which values are drawn, in pixels. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A value's place between 0 and 1 along an axis, and the labelled values of the axis. */
export interface AxisScale {
  position(value: number): number;
  readonly ticks: readonly { readonly position: number; readonly label: string }[];
}

/** @param scale from values to 0 and 1 */
export function axisScale(scale: ScaleContinuousNumeric<number, number>, ticks: readonly number[]): AxisScale {
  return {
    position: (value) => scale(value),
    ticks: ticks.map((value) => ({ position: scale(value), label: formatNumber(value, 6) })),
  };
}

export function pixelX(position: number, { left, right }: PlotArea): number {
  return roundPixels(left + position * (right - left));
}

export function pixelY(position: number, { top, bottom }: PlotArea): number {
  return roundPixels(bottom - position * (bottom - top));
}

/** The axis below the plot. @param name is shown below its labels */
export function xAxis(scale: AxisScale, name: string, area: PlotArea): string {
  const { left, right, bottom } = area;
  const labels = scale.ticks.map(({ position, label }) => {
    const x = pixelX(position, area);
    return `${axisLine(x, bottom, x, bottom + TICK_LENGTH)}${svgText(x, bottom + TICK_LENGTH + FONT_SIZE, 'middle', label)}`;
  });
  const nameText = svgText(roundPixels((left + right) / 2), bottom + 3 * FONT_SIZE, 'middle', name);
  return [axisLine(left, bottom, right, bottom), ...labels, nameText].join('\n');
}

/** The axis beside the plot. Only the left one has grid lines: those of two axes would not meet. */
export function yAxis(scale: AxisScale, side: 'left' | 'right', area: PlotArea): string {
  const x = area[side];
  const outwards = side === 'left' ? -1 : 1;
  const labels = scale.ticks.map(({ position, label }) => {
    const y = pixelY(position, area);
    const grid = side === 'left' ? axisLine(area.left, y, area.right, y, 0.15) : '';
    const anchor = side === 'left' ? 'end' : 'start';
    return `${grid}${axisLine(x, y, x + outwards * TICK_LENGTH, y)}${svgText(x + outwards * LABEL_GAP, y + FONT_SIZE / 3, anchor, label)}`;
  });
  return [axisLine(x, area.top, x, area.bottom), ...labels].join('\n');
}
