/** Writes Grafana's dashboards from their descriptions in scripts/dashboards. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DASHBOARDS_FOLDER, renderDashboards } from './dashboards/dashboards.ts';

for (const [name, text] of renderDashboards()) await writeFile(path.join(DASHBOARDS_FOLDER, name), text);
