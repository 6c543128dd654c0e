/**
 * Unpacks Debian's package of Prometheus into .prometheus, for the tests of alerts and dashboards: promtool, and the server. Nothing of
 * the system changes, so that this needs no root.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROMETHEUS_FOLDER } from '../test/support/prometheus.ts';
import { installOnce } from './install-once.ts';

const PACKAGE = 'prometheus';

try {
  await installOnce(PROMETHEUS_FOLDER, PACKAGE, unpackPackage);
} catch (error) {
  const isRequired = process.env['CI'] !== undefined && process.platform === 'linux';
  if (isRequired) throw new Error('CI has to test alerts and dashboards', { cause: error });
  console.log('apt cannot download Prometheus here: the tests of alerts and dashboards will be skipped');
}

async function unpackPackage(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-prometheus-'));
  try {
    download(folder);
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error(`apt-get downloaded no ${PACKAGE}`);
    execFileSync('dpkg-deb', ['--extract', path.join(folder, file), PROMETHEUS_FOLDER], { stdio: 'inherit' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function download(folder: string): void {
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['--quiet=2', ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    apt('download', PACKAGE);
  } catch {
    // A fresh container has no lists of packages yet.
    apt('update');
    apt('download', PACKAGE);
  }
}
