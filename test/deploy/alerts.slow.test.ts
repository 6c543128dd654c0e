import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { PROMETHEUS_MISSING, PROMTOOL } from '../support/prometheus.ts';
import { DEPLOY_FOLDER, readAlerts } from './watched-queries.ts';

const RULES_FOLDER = path.join(DEPLOY_FOLDER, 'prometheus');

const promtool = (...args: string[]) => promisify(execFile)(PROMTOOL, args, { cwd: RULES_FOLDER });

describe('alert rules', () => {
  it('are valid, and so is the configuration that loads them', { skip: PROMETHEUS_MISSING }, async () => {
    await promtool('check', 'config', '--lint-fatal', 'prometheus.yml');
    await promtool('check', 'rules', '--lint-fatal', 'alerts.yml');
  });

  it('fire in the cases of alerts.test.yml, and not in the others', { skip: PROMETHEUS_MISSING }, async () => {
    await promtool('test', 'rules', 'alerts.test.yml');
  });

  it('have a case each in which they fire, and one in which they do not', async () => {
    const { tests } = parse(await readFile(path.join(RULES_FOLDER, 'alerts.test.yml'), 'utf8'));
    const cases: { alertname: string; exp_alerts: unknown[] }[] = tests.flatMap(
      (test: { alert_rule_test: unknown }) => test.alert_rule_test,
    );
    for (const { alert } of await readAlerts()) {
      const counts = cases.filter(({ alertname }) => alertname === alert).map((item) => item.exp_alerts.length);
      assert.ok(counts.includes(0) && counts.some((count) => count > 0), `${alert}: ${counts}`);
    }
  });

  it('have a severity, texts, and a section of the runbooks', async () => {
    const runbooks = await readFile(path.join(DEPLOY_FOLDER, '../docs/runbooks.md'), 'utf8');
    const sections = [...runbooks.matchAll(/^### (\w+)\n\n(?:\*\*(\w+)\.\*\*)?/gm)];
    const alerts = await readAlerts();
    assert.deepEqual(
      sections.map(([, alert, severity]) => ({ alert, severity })),
      alerts.map(({ alert, labels }) => ({ alert, severity: labels.severity })),
    );
    for (const { alert, labels, annotations } of alerts) {
      assert.ok(['critical', 'warning'].includes(labels.severity), alert);
      assert.ok(annotations.summary && annotations.description, alert);
      assert.equal(annotations.runbook_url, `docs/runbooks.md#${alert.toLowerCase()}`);
    }
  });
});
