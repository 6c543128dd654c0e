import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DASHBOARDS_FOLDER, renderDashboards } from '../../scripts/dashboards/dashboards.ts';
import { findReferences } from './promql-references.ts';
import { listPanelQueries } from './watched-queries.ts';

describe('the dashboards of Grafana', () => {
  it('are those that scripts/dashboards describes (else: npm run dashboards)', async () => {
    const rendered = renderDashboards();
    assert.deepEqual((await readdir(DASHBOARDS_FOLDER)).sort(), [...rendered.keys()].sort());
    for (const [name, text] of rendered) {
      assert.equal(await readFile(path.join(DASHBOARDS_FOLDER, name), 'utf8'), text, name);
    }
  });

  it('have panels with numbers of their own, side by side', () => {
    for (const [name, text] of renderDashboards()) {
      const { panels } = JSON.parse(text) as { panels: { id: number; gridPos: { x: number; y: number } }[] };
      const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, name);
      assert.equal(new Set(places).size, panels.length, `${name}: ${places}`);
    }
  });

  it('show labels that their queries keep', () => {
    for (const { source, expr, shownLabels } of listPanelQueries('1m')) {
      const { metrics, labels } = findReferences(expr);
      assert.ok(metrics.length > 0, source);
      const isAggregated = /\b(sum|max|count|histogram_quantile)\b/.test(expr);
      if (isAggregated) for (const label of shownLabels) assert.ok(labels.includes(label), `${source}: ${label}`);
    }
  });
});
