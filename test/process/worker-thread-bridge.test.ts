import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const BRIDGE = pathToFileURL(path.join(import.meta.dirname, '../../src/process/worker-thread-bridge.ts')).href;

describe('a compute process whose parent is killed', () => {
  let folder: string;
  let parentFile: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-bridge-'));
    const files = {
      thread: `
        import { parentPort } from 'node:worker_threads';
        for (let i = 0; i < 3; i++) parentPort.postMessage({ i });
        setInterval(() => {}, 1000);`,
      // Between two messages of its thread it does not notice that its parent has ended.
      child: `
        import { bridgeToWorkerThread } from ${JSON.stringify(BRIDGE)};
        const { send, ppid } = process;
        process.send = (...args) => {
          send.apply(process, args);
          while (isParentRunning());
        };
        const isParentRunning = () => {
          try {
            return process.kill(ppid, 0);
          } catch {
            return false;
          }
        };
        bridgeToWorkerThread('panelvec-bridge-test', ${JSON.stringify(path.join(folder, 'thread.mjs'))});`,
      parent: `
        import { fork } from 'node:child_process';
        const options = { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] };
        const child = fork(${JSON.stringify(path.join(folder, 'child.mjs'))}, options);
        child.on('message', () => process.kill(process.pid, 'SIGKILL'));`,
    };
    for (const [name, program] of Object.entries(files)) await writeFile(path.join(folder, `${name}.mjs`), program);
    parentFile = path.join(folder, 'parent.mjs');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('ends, and writes nothing about messages that it could not send', async () => {
    const parent = spawn(process.execPath, [parentFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    // The pipe closes when the child has ended too.
    const [stderr] = await Promise.all([text(parent.stderr), once(parent, 'exit')]);
    assert.equal(stderr, '');
  });
});
