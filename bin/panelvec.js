#!/usr/bin/env node
// Runs the sources where they are (a Node that strips types is needed), else what is compiled of them. In the repository, an older
// Node starts the one in node_modules instead.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MIN_NODE_MAJOR = 24;
const sourceUrl = new URL('../src/main.ts', import.meta.url);
const mainUrl = existsSync(sourceUrl) ? sourceUrl : new URL('../dist/main.js', import.meta.url);
const isWindows = process.platform === 'win32';
const bundledNode = fileURLToPath(new URL(`../node_modules/node/bin/node${isWindows ? '.exe' : ''}`, import.meta.url));
const isRecentNode = Number.parseInt(process.versions.node, 10) >= MIN_NODE_MAJOR;

if (isRecentNode) await import(mainUrl.href);
else if (existsSync(bundledNode)) {
  const child = spawn(bundledNode, [fileURLToPath(mainUrl), ...process.argv.slice(2)], { stdio: 'inherit' });
  // On Windows the console tells both processes, and a signal from this one would kill the other.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', ...(isWindows ? ['SIGBREAK'] : [])]) {
    process.on(signal, () => isWindows || child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
} else {
  console.error(`panelvec needs Node.js ${MIN_NODE_MAJOR} or later, and this is ${process.version}.`);
  process.exitCode = 1;
}
