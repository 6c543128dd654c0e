import { registerHealthGauges } from '../../src/metrics/health-gauges.ts';
import { registerJobGauges } from '../../src/metrics/job-gauges.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { registerStateGauges } from '../../src/metrics/state-gauges.ts';
import { asSentence, code, escapeMarkdown, markdownTable, pageHeader } from './markdown.ts';

const INTRO = `\`GET /metrics\` has these metrics of the service, in the text format of Prometheus. [Watching](../operating.md#watching) tells of the
dashboards and alerts that are made of them, [what they answer](../operating.md#metrics) which to look at. Histograms have the series \`_bucket\`, \`_sum\`
and \`_count\`. Seconds are seconds, bytes are bytes.`;

const PROCESS_INTRO = `These are those of [prom-client](https://github.com/siimon/prom-client) about Node and the process of the api.`;

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

/** Every metric that a service registers, with its type and labels. */
export function renderMetricsPage(): string {
  const metrics = listMetrics();
  const own = metrics.filter(({ name }) => name.startsWith('panelvec_'));
  const others = metrics.filter(({ name }) => !name.startsWith('panelvec_'));
  return [
    pageHeader('Metrics', INTRO, 'src/metrics'),
    renderTable(own),
    '## Of the process\n',
    `${PROCESS_INTRO}\n`,
    renderTable(others),
  ].join('\n');
}

/** Every metric that a service registers, by name. What the gauges read does not matter here. */
export function listMetrics(): Metric[] {
  const { registry } = new Metrics();
  const stopGauges = registerStateGauges(registry, {
    queuedItems: () => 0,
    itemsInWork: () => 0,
    expectedWaits: () => ({}),
    workRate: () => 0,
    textsInWork: () => 0,
    featureMemory: () => ({ hits: 0, misses: 0, bytes: 0 }),
    engines: () => [],
    goldenCosines: () => [],
    models: () => [],
    aliases: () => [],
    canaries: () => [],
  });
  registerHealthGauges(registry, { isReady: () => true, databases: async () => ({}), home: '.' });
  registerJobGauges(registry, {
    countByState: async () => [],
    countOpenTasks: async () => ({ waiting: 0, running: 0 }),
    workers: () => ({ running: 0, asleep: 0 }),
    running: async () => [],
  });
  stopGauges();
  // prom-client keeps the labels in fields that its types do not have.
  const registered = registry.getMetricsAsArray() as unknown as readonly (Omit<Metric, 'type'> & object)[];
  return registered
    .map((metric) => ({
      name: metric.name,
      help: metric.help,
      labelNames: metric.labelNames,
      type: metric.constructor.name.toLowerCase(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function renderTable(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, type, labelNames, help }) => [
    code(name),
    type,
    labelNames.map(code).join(', '),
    asSentence(escapeMarkdown(help)),
  ]);
  return `${markdownTable(['metric', 'type', 'labels', 'meaning'], rows)}\n`;
}
