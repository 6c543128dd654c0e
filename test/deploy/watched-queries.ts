import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts';

export const DEPLOY_FOLDER = path.join(import.meta.dirname, '../../deploy');

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

/** A query of an alert or of a panel, without the variables of Grafana. */
export interface WatchedQuery {
  /** Where it stands, for messages */
  readonly source: string;
  readonly expr: string;
  /** Labels that its texts show */
  readonly shownLabels: readonly string[];
}

export async function readAlerts(): Promise<Alert[]> {
  const { groups } = parse(await readFile(path.join(DEPLOY_FOLDER, 'prometheus/alerts.yml'), 'utf8'));
  return groups.flatMap((group: { rules: Alert[] }) => group.rules);
}

export async function readAlertQueries(): Promise<WatchedQuery[]> {
  return (await readAlerts()).map(({ alert, expr, annotations: { summary, description } }) => ({
    source: alert,
    expr,
    shownLabels: [...`${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!),
  }));
}

/** @param interval what stands in place of Grafana's $__rate_interval */
export function listPanelQueries(interval: string): WatchedQuery[] {
  return DASHBOARDS.flatMap(({ title, rows }) =>
    rows
      .flatMap(({ panels }) => panels)
      .flatMap((panel) =>
        Object.entries(panel.queries).map(([legend, expr]) => ({
          source: `${title}, ${panel.title}`,
          expr: expr.replaceAll('$__rate_interval', interval).replaceAll(/"\$(job|instance)"/g, '".*"'),
          shownLabels: [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!),
        })),
      ),
  );
}
