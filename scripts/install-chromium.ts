/** Installs Chromium, which the tests of the page drive, where apt can do so; a browser that is there already is taken. */
import { spawnSync } from 'node:child_process';
import { findChromium } from '../test/support/browser.ts';

if (findChromium() === undefined && !install()) {
  const message = 'Chromium is not installed, and only root can install it with apt';
  if (process.env['CI'] !== undefined) throw new Error(`${message}: CI has to test the page`);
  console.log(`${message}: the tests of the page will be skipped`);
}

function install(): boolean {
  if (process.getuid?.() !== 0) return false;
  const run = (...args: string[]) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  console.log('installing Chromium');
  return run('update') && run('install', '--yes', '--no-install-recommends', 'chromium');
}
