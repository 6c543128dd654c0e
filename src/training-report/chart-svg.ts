import { LineChart, type LineSeriesOption } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Point } from './downsampled-series.ts';
import { formatNumber } from './format-number.ts';
import type { Chart, ChartLine } from './history-charts.ts';

use([LineChart, GridComponent, SVGRenderer]);

const WIDTH = 760;
const HEIGHT = 340;
/** Where there are more points than this, the values are drawn thin, and their moving average over them. */
export const MAX_UNAVERAGED_POINTS = 200;
/** Where there are fewer, each is marked: an only point would not be seen otherwise. */
const MIN_UNMARKED_POINTS = 40;
/** A logarithmic axis where values differ more than this: on a straight one the small ones are a line along the bottom. */
const MAX_LINEAR_RATIO = 50;
/** Stands for the colour of the text around the picture, which ECharts cannot name. */
const TEXT_COLOR = '#010203';

export interface ChartSvgText {
  /** Begins the ids inside of the picture: no other one of its page has it. */
  readonly id: string;
  /** What the picture shows, in a few words, and what it tells, for those who do not see it. Both are XML already. */
  readonly label: string;
  readonly description: string;
}

/** The chart as an SVG element without a legend, its colours fit for light and dark. The same chart is the same bytes. */
export function renderChartSvg(chart: Chart, { id, label, description }: ChartSvgText): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  try {
    drawing.setOption(chartOption(chart));
    return addAccessibleText(cleanSvg(drawing.renderToSVGString(), id), label, description);
  } finally {
    // Its clock would keep the process alive.
    drawing.dispose();
  }
}

function chartOption(chart: Chart) {
  const axes = (['left', 'right'] as const).filter((side) => chart.lines.some(({ axis }) => axis === side));
  return {
    animation: false,
    textStyle: { color: TEXT_COLOR, fontSize: 13 },
    grid: { left: 8, right: 24, top: 16, bottom: 6, outerBoundsMode: 'same' as const },
    xAxis: {
      type: 'value' as const,
      name: chart.xAxis,
      nameLocation: 'middle' as const,
      nameGap: 26,
      min: Math.min(...chart.lines.map(({ series }) => series.firstX)),
      max: Math.max(...chart.lines.map(({ series }) => series.lastX)),
      minInterval: 1,
      splitLine: { show: false },
      ...axisStyle,
    },
    yAxis: axes.map((side) => ({
      type: axisType(chart.lines.filter(({ axis }) => axis === side)),
      position: side,
      ...(chart.range !== null && { min: chart.range[0], max: chart.range[1] }),
      // The ends of a straight axis lie around the values, not at zero.
      scale: true,
      splitLine: { show: side === 'left', lineStyle: { color: TEXT_COLOR, opacity: 0.15 } },
      ...axisStyle,
    })),
    series: chart.lines.flatMap((line) => lineSeries(line, axes.indexOf(line.axis))),
  };
}

const axisStyle = {
  axisLine: { show: true, lineStyle: { color: TEXT_COLOR, opacity: 0.5 } },
  axisTick: { lineStyle: { color: TEXT_COLOR, opacity: 0.5 } },
  axisLabel: { color: TEXT_COLOR, formatter: (value: number) => formatNumber(value, 6) },
  nameTextStyle: { color: TEXT_COLOR },
};

function axisType(lines: readonly ChartLine[]): 'log' | 'value' {
  const lowest = Math.min(...lines.map(({ series }) => series.summary!.lowest));
  const highest = Math.max(...lines.map(({ series }) => series.summary!.highest));
  return lowest > 0 && highest / lowest > MAX_LINEAR_RATIO ? 'log' : 'value';
}

function lineSeries({ series, color, dashed }: ChartLine, yAxisIndex: number): LineSeriesOption[] {
  const isAveraged = series.length > MAX_UNAVERAGED_POINTS;
  const hasMarkers = series.length < MIN_UNMARKED_POINTS;
  const commonOptions = { type: 'line' as const, yAxisIndex, silent: true, emphasis: { disabled: true } };
  const lineStyle = {
    color,
    width: isAveraged ? 1 : 2,
    opacity: isAveraged ? 0.35 : 1,
    ...(dashed && { type: 'dashed' as const }),
  };
  const line = {
    ...commonOptions,
    data: mutablePoints(series.points()),
    lineStyle,
    itemStyle: { color },
    symbolSize: 5,
  };
  const values: LineSeriesOption = { ...line, symbol: hasMarkers ? 'circle' : 'none', showAllSymbol: hasMarkers };
  if (!isAveraged) return [values];
  const average = {
    ...commonOptions,
    data: mutablePoints(series.movingAverage()),
    symbol: 'none',
    lineStyle: { color, width: 2 },
  };
  return [values, average];
}

/** ECharts' types ask for arrays that it may change. */
function mutablePoints(line: readonly Point[]): [number, number | null][] {
  return line.map(([x, y]) => [x, y]);
}

/**
 * Without what serves a mouse only, and with ids of the caller's: those of ECharts count the pictures of its process. Inside
 * of text a quotation mark is written &quot;, so these patterns meet attributes only.
 */
function cleanSvg(svg: string, id: string): string {
  return svg
    .replace(/<style >.*?<\/style>\n?/s, '')
    .replace(/(id="|"url\(#)zr\d+-/g, `$1${id}-`)
    .replace(/ (class|pointer-events|ecmeta_\w+)="[^"]*"/g, '')
    .replaceAll(`"${TEXT_COLOR}"`, '"currentColor"')
    .replaceAll('font-family:sans-serif;', '');
}

function addAccessibleText(svg: string, label: string, description: string): string {
  return svg.replace(/^<svg [^>]*>/, () => {
    const openingTag = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">`;
    return `${openingTag}<title>${label}</title><desc>${description}</desc>`;
  });
}
