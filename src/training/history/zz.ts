import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
const t0 = performance.now();
use([LineChart, GridComponent, LegendComponent, SVGRenderer]);
const chart = init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 380 });
chart.setOption({ animation: false, legend: { icon: 'roundRect' }, grid: { left: 10, right: 10, bottom: 30, outerBoundsMode:'same' }, xAxis: { type: 'value', name: 'step' }, yAxis: { type: 'log' },
 series: [{ type: 'line', silent: true, emphasis: { disabled: true }, name: '<b>"x&\' zr0-c0', data: [[1, 3], [2, 0.02], [3, NaN], [4, 4]], symbol: 'none' }] });
const svg = chart.renderToSVGString();
console.log(svg, performance.now() - t0, process.memoryUsage().rss / 1e6);
