import { scaleLinear, scaleLog } from 'd3-scale';
import { chartColor } from '../../src/report/chart-colors.ts';
import { escapeHtml } from '../../src/report/escape-html.ts';
import {
  type AxisScale,
  axisScale,
  LABEL_GAP,
  type PlotArea,
  pixelX,
  pixelY,
  xAxis,
  yAxis,
} from '../../src/report/plot-axes.ts';
import { CHARACTER_WIDTH, FONT_SIZE, svgPicture, svgText } from '../../src/report/svg.ts';

export interface LoadChart {
  readonly title: string;
  readonly description: string;
  readonly xName: string;
  readonly yName: string;
  readonly isXLogarithmic: boolean;
  readonly isYLogarithmic: boolean;
  readonly lines: readonly LoadLine[];
}

export interface LoadLine {
  readonly name: string;
  /** Lines of one program share a colour. */
  readonly colorIndex: number;
  readonly isDashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 760;
const HEIGHT = 380;
const TICKS = 6;
const LEGEND_LINE = 20;
const MARKER_RADIUS = 3;
/** Text and axes have the colour of the text around them, of which an SVG in an img element knows nothing. */
const STYLE =
  '<style>svg{color:#222;background:#fff}@media(prefers-color-scheme:dark){svg{color:#ddd;background:#111}}</style>';

/** A chart as an SVG file that needs nothing else, with its legend above the plot. */
export function renderLoadChart(chart: LoadChart): string {
  const x = makeScale(
    chart.lines.flatMap(({ points }) => points.map(([value]) => value)),
    chart.isXLogarithmic,
  );
  const y = makeScale(
    chart.lines.flatMap(({ points }) => points.map(([, value]) => value)),
    chart.isYLogarithmic,
  );
  const labelWidth = CHARACTER_WIDTH * Math.max(...y.ticks.map(({ label }) => label.length));
  const legendHeight = LEGEND_LINE * (chart.lines.length + 1);
  const area: PlotArea = {
    left: 2 * LABEL_GAP + labelWidth,
    right: WIDTH - 24,
    top: legendHeight + 8,
    bottom: HEIGHT - 48,
  };
  const legend = chart.lines.map((line, i) => {
    const lineY = LEGEND_LINE * (i + 1) - 4;
    const key = `<path d="M${area.left} ${lineY}h28" stroke="${chartColor(line.colorIndex)}" stroke-width="2"${dashes(line)}/>`;
    return `${key}${svgText(area.left + 36, lineY + FONT_SIZE / 3, 'start', escapeHtml(line.name))}`;
  });
  const label = { label: escapeHtml(chart.title), description: escapeHtml(chart.description) };
  return svgPicture({ width: WIDTH, height: HEIGHT, ...label }, [
    STYLE,
    ...legend,
    svgText(LABEL_GAP, legendHeight - 2, 'start', escapeHtml(chart.yName)),
    yAxis(y, 'left', area),
    xAxis(x, escapeHtml(chart.xName), area),
    ...chart.lines.map((line) => drawLine(line, x, y, area)),
  ]);
}

function makeScale(values: readonly number[], isLogarithmic: boolean): AxisScale {
  if (!isLogarithmic) {
    const scale = scaleLinear([0, Math.max(...values)], [0, 1]).nice(TICKS);
    return axisScale(scale, scale.ticks(TICKS));
  }
  const scale = scaleLog([Math.min(...values), Math.max(...values)], [0, 1]).nice();
  const powers = scale.ticks().filter((value) => Number.isInteger(Math.round(1e9 * Math.log10(value)) / 1e9));
  return axisScale(scale, powers);
}

function drawLine(line: LoadLine, x: AxisScale, y: AxisScale, area: PlotArea): string {
  const color = chartColor(line.colorIndex);
  const places = line.points.map(([valueX, valueY]) => [
    pixelX(x.position(valueX), area),
    pixelY(y.position(valueY), area),
  ]);
  const path = `<path d="M${places.map((place) => place.join(' ')).join('L')}" fill="none" stroke="${color}" stroke-width="2"${dashes(line)}/>`;
  const markers = places.map(
    ([placeX, placeY]) => `<circle cx="${placeX}" cy="${placeY}" r="${MARKER_RADIUS}" fill="${color}"/>`,
  );
  return `${path}${markers.join('')}`;
}

function dashes({ isDashed = false }: LoadLine): string {
  return isDashed ? ' stroke-dasharray="6 4"' : '';
}
