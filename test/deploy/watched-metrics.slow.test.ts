import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { PROMETHEUS_MISSING, PROMTOOL } from '../support/prometheus.ts';
import { waitFor } from '../support/wait-for.ts';
import { type PrometheusServer, startPrometheus } from './prometheus-server.ts';
import { findReferences, type MetricReference } from './promql-references.ts';
import { listPanelQueries, readAlertQueries } from './watched-queries.ts';
import { startWatchedService, type WatchedService } from './watched-service.ts';

/** Those of the target, which Prometheus adds */
const TARGET_LABELS = ['job', 'instance'];
/** What prom-client itself names against the rules: nothing here watches it. */
const FOREIGN_METRIC = /^(nodejs|process)_/;

type Labels = Readonly<Record<string, string>>;

let service: WatchedService;
before(async () => {
  service = await startWatchedService();
  await service.makeTraffic();
});
after(() => service?.stop());

const readMetrics = async () => (await fetch(`${service.address}/metrics`)).text();

/** The labels of all series, by the names of their metrics. */
async function readSeries(): Promise<ReadonlyMap<string, readonly Labels[]>> {
  const series = new Map<string, Labels[]>([['up', [{}]]]);
  for (const [, name = '', labels = ''] of (await readMetrics()).matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [label, value]);
    series.set(name, [...(series.get(name) ?? []), Object.fromEntries(pairs)]);
  }
  return series;
}

/** What of a matcher no series has: its label, or a series with its value. */
function findMissing({ metric, matchers }: MetricReference, series: readonly Labels[]): string | undefined {
  const own = matchers.filter(({ label }) => !TARGET_LABELS.includes(label));
  const matching = series.filter((labels) =>
    own.every(({ label, operator, value }) => {
      if (labels[label] === undefined) return false;
      return operator === '=' ? labels[label] === value : true;
    }),
  );
  return matching.length > 0 ? undefined : `${metric}{${own.map(({ label, value }) => `${label}="${value}"`)}}`;
}

describe('the metrics of a running service', () => {
  it('have every series and label that alerts and dashboards name', async () => {
    const series = await readSeries();
    for (const { source, expr, shownLabels } of [...(await readAlertQueries()), ...listPanelQueries('1m')]) {
      const { metrics, labels } = findReferences(expr);
      for (const reference of metrics) {
        assert.equal(findMissing(reference, series.get(reference.metric) ?? []), undefined, `${source}: ${expr}`);
      }
      const known = metrics.flatMap(({ metric }) => (series.get(metric) ?? []).flatMap(Object.keys));
      for (const label of [...labels, ...shownLabels]) {
        assert.ok([...TARGET_LABELS, ...known].includes(label), `${source}: no metric has the label ${label}`);
      }
    }
  });

  it('have names and units as Prometheus asks for', { skip: PROMETHEUS_MISSING }, async () => {
    const { stderr, status } = spawnSync(PROMTOOL, ['check', 'metrics'], {
      input: await readMetrics(),
      encoding: 'utf8',
    });
    const complaints = stderr.split('\n').filter((line) => line !== '' && !FOREIGN_METRIC.test(line));
    assert.deepEqual(complaints, []);
    // 3: complaints only; 1 would be metrics that cannot be read.
    assert.ok(status === 0 || status === 3, stderr);
  });
});

describe('Prometheus, with the configuration of the repository', { skip: PROMETHEUS_MISSING }, () => {
  let prometheus: PrometheusServer;
  before(async () => {
    prometheus = await startPrometheus(new URL(service.address).host);
    await waitFor('four scrapes', async () => {
      await service.makeTraffic();
      const query = 'count_over_time(panelvec_ready[1m])';
      const { result } = await prometheus.get<{ result: { value: [number, string] }[] }>('query', { query });
      return Number(result[0]?.value[1]) >= 4;
    });
  });
  after(() => prometheus?.stop());

  it('shows something in every panel of the dashboards', async () => {
    const empty: string[] = [];
    for (const { source, expr } of listPanelQueries('30s')) {
      const { result } = await prometheus.get<{ result: unknown[] }>('query', { query: expr });
      if (result.length === 0) empty.push(`${source}: ${expr}`);
    }
    assert.deepEqual(empty, []);
  });

  it('evaluates all alerts, and none fires for a service that is well', async () => {
    interface Rule {
      readonly name: string;
      readonly health: string;
      readonly state: string;
    }
    const rules = await waitFor('the first evaluation', async () => {
      const { groups } = await prometheus.get<{ groups: { rules: Rule[] }[] }>('rules');
      const found = groups.flatMap((group) => group.rules);
      return found.every(({ health }) => health !== 'unknown') ? found : undefined;
    });
    assert.deepEqual(
      rules.map(({ name }) => name).sort(),
      (await readAlertQueries()).map(({ source }) => source).sort(),
    );
    for (const { name, health } of rules) assert.equal(health, 'ok', name);
    assert.deepEqual(
      rules.filter(({ state }) => state === 'firing').map(({ name }) => name),
      [],
    );
  });
});
