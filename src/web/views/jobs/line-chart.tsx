import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber } from '../../../report/format-number.ts';
import type { Chart } from '../../../training-report/history-charts.ts';
import { toWords } from '../../components/format-values.ts';
import { useTheme } from '../../components/use-theme.ts';

const HEIGHT = 240;
/** Steps and epochs are whole numbers, so their ticks are, too. */
const WHOLE_STEPS = [1, 2, 5]
  .flatMap((digit) => Array.from({ length: 8 }, (_, i) => digit * 10 ** i))
  .sort((a, b) => a - b);

/** A chart of a training. Its legend says in words and numbers what the lines show. */
export function LineChart({ chart }: { readonly chart: Chart }) {
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const theme = useTheme();

  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const created = new uPlot(toOptions(chart, element), toData(chart), element);
    plot.current = created;
    const resize = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      created.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(toData(chart)), [chart]);
  // The colours of the axes are those of the theme.
  useEffect(() => plot.current?.redraw(false, true), [theme]);

  return (
    <figure class="line-chart">
      <figcaption>{toWords(chart.title)}</figcaption>
      <div ref={container} role="img" aria-label={`${chart.title} by ${chart.xAxis}; the legend has the numbers`} />
      <ul class="chart-legend">
        {chart.lines.map(({ name, color, dashed, summary }) => (
          <li key={name}>
            <span class={dashed ? 'swatch swatch-dashed' : 'swatch'} style={{ borderColor: color }} />
            {toWords(name)}: {formatNumber(summary.last)}
            <small> from {formatNumber(summary.first)}</small>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function toData({ lines }: Chart): uPlot.AlignedData {
  const tables = lines.map(({ series }): uPlot.AlignedData => {
    const points = series.points();
    return [points.map(([x]) => x), points.map(([, y]) => y)];
  });
  return tables.length === 1 && tables[0] ? tables[0] : uPlot.join(tables);
}

function toOptions({ lines, range, xAxis }: Chart, element: HTMLElement): uPlot.Options {
  const textColor = () => getComputedStyle(element).color;
  const gridColor = () => getComputedStyle(element).getPropertyValue('border-bottom-color');
  const axis: uPlot.Axis = {
    stroke: textColor,
    grid: { stroke: gridColor, width: 1 },
    ticks: { stroke: gridColor, width: 1 },
  };
  const formatTicks = (_: uPlot, values: number[]) => values.map((value) => formatNumber(value, 3));
  const hasRight = lines.some((line) => line.axis === 'right');
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    scales: { x: { time: false }, left: range ? { range: [range[0], range[1]] } : {}, ...(hasRight && { right: {} }) },
    axes: [
      { ...axis, label: xAxis, labelSize: 18, size: 34, incrs: WHOLE_STEPS },
      { ...axis, scale: 'left', values: formatTicks, size: 64 },
      ...(hasRight ? [{ ...axis, scale: 'right', side: 1, values: formatTicks, size: 70, grid: { show: false } }] : []),
    ],
    series: [
      {},
      ...lines.map(
        (line): uPlot.Series => ({
          label: line.name,
          scale: line.axis,
          stroke: line.color,
          width: 1.75,
          spanGaps: true,
          points: { show: xAxis === 'epoch', size: 5 },
          ...(line.dashed && { dash: [5, 4] }),
        }),
      ),
    ],
  };
}
