import path from 'node:path';
import { buildDashboard } from './build-dashboard.ts';
import { enginesDashboard } from './engines-dashboard.ts';
import { jobsDashboard } from './jobs-dashboard.ts';
import { modelsDashboard } from './models-dashboard.ts';
import { serviceDashboard } from './service-dashboard.ts';

export const DASHBOARDS = [serviceDashboard, enginesDashboard, jobsDashboard, modelsDashboard];

export const DASHBOARDS_FOLDER = path.join(import.meta.dirname, '../../deploy/grafana/dashboards');

/** The texts of the files in DASHBOARDS_FOLDER, by their names. */
export function renderDashboards(): ReadonlyMap<string, string> {
  return new Map(
    DASHBOARDS.map((dashboard) => [`${dashboard.id}.json`, `${JSON.stringify(buildDashboard(dashboard), null, 2)}\n`]),
  );
}
