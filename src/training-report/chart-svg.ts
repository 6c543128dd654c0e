import { type AxisScale, xScale, yScale } from './chart-scales.ts';
import type { Point } from './downsampled-series.ts';
import type { Chart, ChartLine } from './history-charts.ts';

const WIDTH = 760;
const HEIGHT = 340;
const [TOP, BOTTOM] = [16, HEIGHT - 48];
const MARGIN = 24;
const FONT_SIZE = 13;
/** An estimate: digits are narrower in all usual fonts. */
const CHARACTER_WIDTH = 8;
const TICK_LENGTH = 5;
const LABEL_GAP = 9;
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

interface PlotArea {
  readonly left: number;
  readonly right: number;
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
  const area: PlotArea = { left: marginOf('left'), right: WIDTH - marginOf('right') };
  const elements = [
    ...axes.map(({ side, y }) => yAxis(y, side, area)),
    xAxis(x, chart.xAxis, area),
    clipPath(`${id}-plot`, area),
    `<g clip-path="url(#${id}-plot)" fill="none" stroke-linejoin="round">`,
    ...axes.flatMap(({ lines, y }) => lines.map((line) => seriesPaths(line, placer(x, y, area)))),
    '</g>',
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}"><title>${label}</title><desc>${description}</desc>
<g font-family="sans-serif" font-size="${FONT_SIZE}">
${elements.join('\n')}
</g></svg>`;
}

type Place = (x: number, y: number) => readonly [x: number, y: number];

function placer(x: AxisScale, y: AxisScale, area: PlotArea): Place {
  return (valueX, valueY) => [pixelX(x.position(valueX), area), pixelY(y.position(valueY))];
}

function pixelX(position: number, { left, right }: PlotArea): number {
  return round(left + position * (right - left));
}

function pixelY(position: number): number {
  return round(BOTTOM - position * (BOTTOM - TOP));
}

/** To a tenth of a pixel: more digits only make the file larger. */
function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function xAxis(scale: AxisScale, name: string, area: PlotArea): string {
  const labels = scale.ticks.map(({ position, label }) => {
    const x = pixelX(position, area);
    return `${axisLine(x, BOTTOM, x, BOTTOM + TICK_LENGTH)}${text(x, BOTTOM + TICK_LENGTH + FONT_SIZE, 'middle', label)}`;
  });
  const center = round((area.left + area.right) / 2);
  const nameText = text(center, HEIGHT - LABEL_GAP, 'middle', name);
  return [axisLine(area.left, BOTTOM, area.right, BOTTOM), ...labels, nameText].join('\n');
}

/** Only the left axis has grid lines: those of two axes would not meet. */
function yAxis(scale: AxisScale, side: 'left' | 'right', area: PlotArea): string {
  const x = area[side];
  const outwards = side === 'left' ? -1 : 1;
  const labels = scale.ticks.map(({ position, label }) => {
    const y = pixelY(position);
    const grid = side === 'left' ? axisLine(area.left, y, area.right, y, 0.15) : '';
    const anchor = side === 'left' ? 'end' : 'start';
    return `${grid}${axisLine(x, y, x + outwards * TICK_LENGTH, y)}${text(x + outwards * LABEL_GAP, y + FONT_SIZE / 3, anchor, label)}`;
  });
  return [axisLine(x, TOP, x, BOTTOM), ...labels].join('\n');
}

function axisLine(x1: number, y1: number, x2: number, y2: number, opacity = 0.5): string {
  return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="currentColor" stroke-opacity="${opacity}"/>`;
}

function text(x: number, y: number, anchor: 'start' | 'middle' | 'end', content: string): string {
  return `<text x="${x}" y="${round(y)}" text-anchor="${anchor}" fill="currentColor">${content}</text>`;
}

/** A little larger than the plot, so that lines and markers at its edge stay whole. */
function clipPath(id: string, { left, right }: PlotArea): string {
  const margin = 4;
  const [width, height] = [right - left + 2 * margin, BOTTOM - TOP + 2 * margin];
  return `<clipPath id="${id}"><rect x="${left - margin}" y="${TOP - margin}" width="${width}" height="${height}"/></clipPath>`;
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
