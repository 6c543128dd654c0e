import { type AxisScale, LABEL_GAP, type PlotArea, pixelX, pixelY, xAxis, yAxis } from '../report/plot-axes.ts';
import { CHARACTER_WIDTH, svgPicture } from '../report/svg.ts';
import { xScale, yScale } from './chart-scales.ts';
import type { Point } from './downsampled-series.ts';
import type { Chart, ChartLine } from './history-charts.ts';

const WIDTH = 760;
const HEIGHT = 340;
const [TOP, BOTTOM] = [16, HEIGHT - 48];
const MARGIN = 24;
const MARKER_RADIUS = 2.5;
/** A longer series is drawn thin, with its moving average over it. */
export const MAX_UNAVERAGED_POINTS = 200;
/** A shorter series has a marker at each point: a single point would be invisible otherwise. */
const MIN_UNMARKED_POINTS = 40;

export interface ChartSvgText {
  /** The prefix of all ids in the chart, unique on its page */
  readonly id: string;
  /** A short title and a description for readers who do not see the chart, both escaped */
  readonly label: string;
  readonly description: string;
}

/**
 * The chart as an SVG element without a legend. Text and axes take the colour of the text around them, so that it suits light
 * and dark pages. The same chart gives the same bytes.
 */
export function renderChartSvg(chart: Chart, { id, label, description }: ChartSvgText): string {
  const x = xScale(chart);
  const axes = (['left', 'right'] as const).flatMap((side) => {
    const lines = chart.lines.filter(({ axis }) => axis === side);
    return lines.length === 0 ? [] : [{ side, lines, y: yScale(lines, chart.range) }];
  });
  const marginOf = (side: 'left' | 'right') => {
    const labels = axes.find((axis) => axis.side === side)?.y.ticks.map((tick) => tick.label.length);
    return labels === undefined ? MARGIN : LABEL_GAP + CHARACTER_WIDTH * Math.max(...labels) + LABEL_GAP;
  };
  const area: PlotArea = { left: marginOf('left'), right: WIDTH - marginOf('right'), top: TOP, bottom: BOTTOM };
  const elements = [
    ...axes.map(({ side, y }) => yAxis(y, side, area)),
    xAxis(x, chart.xAxis, area),
    clipPath(`${id}-plot`, area),
    `<g clip-path="url(#${id}-plot)" fill="none" stroke-linejoin="round">`,
    ...axes.flatMap(({ lines, y }) => lines.map((line) => seriesPaths(line, placer(x, y, area)))),
    '</g>',
  ];
  return svgPicture({ width: WIDTH, height: HEIGHT, label, description }, elements);
}

type Place = (x: number, y: number) => readonly [x: number, y: number];

function placer(x: AxisScale, y: AxisScale, area: PlotArea): Place {
  return (valueX, valueY) => [pixelX(x.position(valueX), area), pixelY(y.position(valueY), area)];
}

/** A little larger than the plot, so that lines and markers at its edge stay whole. */
function clipPath(id: string, { left, right, top, bottom }: PlotArea): string {
  const margin = 4;
  const [width, height] = [right - left + 2 * margin, bottom - top + 2 * margin];
  return `<clipPath id="${id}"><rect x="${left - margin}" y="${top - margin}" width="${width}" height="${height}"/></clipPath>`;
}

function seriesPaths({ series, color, dashed }: ChartLine, place: Place): string {
  const dashes = dashed ? ' stroke-dasharray="6 4"' : '';
  const points = series.points();
  if (series.length > MAX_UNAVERAGED_POINTS) {
    return `<path d="${pathData(points, place)}" stroke="${color}" stroke-opacity="0.35"${dashes}/>
<path d="${pathData(series.movingAverage(), place)}" stroke="${color}" stroke-width="2"/>`;
  }
  const path = `<path d="${pathData(points, place)}" stroke="${color}" stroke-width="2"${dashes}/>`;
  return series.length < MIN_UNMARKED_POINTS ? `${path}${markers(points, color, place)}` : path;
}

/** A line that is interrupted where points have no value. */
function pathData(points: readonly Point[], place: Place): string {
  let command = 'M';
  const segments = points.map(([valueX, valueY]) => {
    if (valueY === null) {
      command = 'M';
      return '';
    }
    const [x, y] = place(valueX, valueY);
    const segment = `${command}${x} ${y}`;
    command = 'L';
    return segment;
  });
  return segments.join('');
}

function markers(points: readonly Point[], color: string, place: Place): string {
  const circles = points.map(([valueX, valueY]) => {
    if (valueY === null) return '';
    const [x, y] = place(valueX, valueY);
    return `<circle cx="${x}" cy="${y}" r="${MARKER_RADIUS}" fill="${color}"/>`;
  });
  return circles.join('');
}
