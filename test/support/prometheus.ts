import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where `npm run install:test-tools` puts the programs of Prometheus. */
export const PROMETHEUS_FOLDER = path.join(import.meta.dirname, '../../.prometheus');
export const PROMETHEUS = path.join(PROMETHEUS_FOLDER, 'usr/bin/prometheus');
export const PROMTOOL = path.join(PROMETHEUS_FOLDER, 'usr/bin/promtool');

/** Why tests with Prometheus are skipped; false where they run. CI has to run them where apt can install it. */
export const PROMETHEUS_MISSING: string | false =
  existsSync(path.join(PROMETHEUS_FOLDER, '.installed')) ||
  (process.env['CI'] !== undefined && process.platform === 'linux')
    ? false
    : 'Prometheus is not installed: npm run install:test-tools';
