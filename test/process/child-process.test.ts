import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { hasExited, terminateChild, waitForExit } from '../../src/process/child-process.ts';
import { isProcessRunning } from '../../src/util/is-process-running.ts';

const MODULE = pathToFileURL(path.join(import.meta.dirname, '../../src/process/child-process.ts')).href;
/** Longer than the time limit of a test: a test that waits for it fails. */
const NEVER_MS = 200_000;

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a process that runs some code, then sends a message, and runs as long as its channel is open. */
async function start(code = ''): Promise<ChildProcess> {
  const program = `process.on('message', () => {}); ${code}; process.send('here');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  await once(child, 'message');
  return child;
}

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('terminating a child process', () => {
  it('ends it by closing its channel, and leaves no timer', async () => {
    const child = await start();
    const timersBefore = timers();
    await terminateChild(child, { method: 'disconnect', graceMs: NEVER_MS });
    assert.deepEqual([child.exitCode, child.signalCode, isProcessRunning(child.pid!)], [0, null, false]);
    assert.equal(timers(), timersBefore);
  });

  it('ends it by a message, with the exit code that it chooses', async () => {
    const child = await start(`
      const { waitForStopMessage } = await import(${JSON.stringify(MODULE)});
      void waitForStopMessage().then(() => process.exit(7))`);
    const exited = waitForExit(child);
    child.send({ type: 'another' });
    await terminateChild(child, { method: 'message', graceMs: NEVER_MS });
    assert.deepEqual(await exited, [7, null]);
  });

  for (const method of ['message', 'disconnect'] as const) {
    it(`kills it after the grace time and not before, where it ignores ${method}`, async (test) => {
      test.mock.timers.enable({ apis: ['setTimeout'] });
      const child = await start(`process.on('message', () => process.send('asked')); setInterval(() => {}, 1000)`);
      const requested = once(child, method);
      const terminated = terminateChild(child, { method, graceMs: NEVER_MS });
      await requested;
      test.mock.timers.tick(NEVER_MS - 1);
      assert.deepEqual([child.killed, hasExited(child)], [false, false]);
      test.mock.timers.tick(1);
      await terminated;
      assert.deepEqual([child.exitCode, child.signalCode, isProcessRunning(child.pid!)], [null, 'SIGKILL', false]);
    });
  }

  it('sends nothing to a process that has ended already', async () => {
    for (const code of [
      `process.on('message', () => process.exit(3))`,
      `process.on('message', () => process.kill(process.pid, 'SIGKILL'))`,
    ]) {
      const child = await start(code);
      child.send('go');
      const exitStatus = await waitForExit(child);
      assert.equal(hasExited(child), true);
      await terminateChild(child, { method: 'message', graceMs: NEVER_MS });
      assert.deepEqual(await waitForExit(child), exitStatus);
      assert.equal(child.killed, false);
    }
  });

  it('gives the reason where it could not be started', async () => {
    const options = { method: 'message', graceMs: NEVER_MS } as const;
    const child = spawn('/no/such/program');
    assert.equal(child.pid, undefined);
    const [[reason, signal]] = await Promise.all([waitForExit(child), terminateChild(child, options)]);
    assert.match(String(reason), /ENOENT/);
    assert.equal(signal, null);
    await terminateChild(child, options);
  });
});
