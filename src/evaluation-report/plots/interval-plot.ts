import { scaleLinear } from 'd3-scale';
import type { Measure } from '../../evaluation/evaluation-result.ts';
import { chartColor } from '../../report/chart-colors.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { axisScale, type PlotArea, pixelX, xAxis } from '../../report/plot-axes.ts';
import { axisLine, FONT_SIZE, svgPicture, svgText } from '../../report/svg.ts';
import { markerPath } from './marker.ts';

const WIDTH = 760;
const TOP = 8;
const BOTTOM_MARGIN = 48;
const LABEL_WIDTH = 270;
const RIGHT_MARGIN = 24;
const LINE_HEIGHT = 15;
const ROW_MARGIN = 10;
const MARKER_RADIUS = 4.5;
const MAX_TICKS = 6;

export interface IntervalPlot {
  /** Plain texts */
  readonly label: string;
  readonly axis: string;
  readonly rows: readonly { readonly label: string; readonly measures: readonly Measure[] }[];
  /** Names of the series that each row has a measure of */
  readonly series: readonly string[];
}

/** A plot of estimates with their intervals: a row for each measure, and in it a line for each series. */
export function intervalPlot({ label, axis, rows, series }: IntervalPlot): string {
  const estimates = rows.flatMap(({ measures }) => measures.flatMap((m) => ('left_out' in m ? [] : [m])));
  const lowest = Math.min(0, ...estimates.map(({ low, value }) => Math.min(low, value)));
  const highest = Math.max(1, ...estimates.map(({ high, value }) => Math.max(high, value)));
  const linear = scaleLinear([Math.max(lowest, -1), highest], [0, 1]).clamp(true);
  const rowHeight = series.length * LINE_HEIGHT + ROW_MARGIN;
  const bottom = TOP + rows.length * rowHeight;
  const area: PlotArea = { left: LABEL_WIDTH, right: WIDTH - RIGHT_MARGIN, top: TOP, bottom };
  const scale = axisScale(linear, linear.ticks(MAX_TICKS));
  const x = (value: number) => pixelX(scale.position(value), area);
  const lines = rows.flatMap((row, i) => {
    const top = TOP + i * rowHeight;
    const rowLabel = svgText(area.left - 12, top + rowHeight / 2 + FONT_SIZE / 3, 'end', escapeHtml(row.label));
    const drawn = row.measures.map((measure, j) => {
      const y = top + ROW_MARGIN / 2 + (j + 0.5) * LINE_HEIGHT;
      return 'left_out' in measure
        ? svgText(area.left + 6, y + 4, 'start', 'not measured')
        : interval(measure, j, x, y);
    });
    return [rowLabel, axisLine(area.left, top, area.right, top, 0.15), ...drawn];
  });
  const grid = scale.ticks.map(({ position }) =>
    axisLine(pixelX(position, area), TOP, pixelX(position, area), bottom, 0.15),
  );
  const picture = { width: WIDTH, height: bottom + BOTTOM_MARGIN };
  return svgPicture({ ...picture, label: escapeHtml(label), description: escapeHtml(describe(rows, series)) }, [
    ...grid,
    ...lines,
    xAxis(scale, escapeHtml(axis), area),
  ]);
}

function interval(
  { value, low, high }: { value: number; low: number; high: number },
  series: number,
  x: (value: number) => number,
  y: number,
): string {
  const color = chartColor(series);
  const line = `<path d="M${x(low)} ${y}L${x(high)} ${y}" stroke="${color}" stroke-width="2"/>`;
  return `${line}<path d="${markerPath(series, x(value), y, MARKER_RADIUS)}" fill="${color}"/>`;
}

function describe(rows: IntervalPlot['rows'], series: IntervalPlot['series']): string {
  const sentences = rows.map(({ label, measures }) => {
    const values = measures.map((measure, i) => {
      const value = 'left_out' in measure ? 'not measured' : measure.value.toFixed(2);
      return `${series[i] ?? ''} ${value}`;
    });
    return `${label}: ${values.join(', ')}.`;
  });
  return sentences.join(' ');
}
