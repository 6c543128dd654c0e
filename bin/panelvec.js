#!/usr/bin/env node
// Runs the sources with the Node that the project brings along, whatever Node started this file.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const FIRST_NODE_WITH_TYPES = 24;
const root = path.join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const own = path.join(root, 'node_modules/node/bin/node');
const recent = Number(process.versions.node.split('.')[0]) >= FIRST_NODE_WITH_TYPES;
const node = recent || !existsSync(own) ? process.execPath : own;

const child = spawn(node, [path.join(root, 'src/main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
