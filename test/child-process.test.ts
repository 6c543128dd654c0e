import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { isAlive } from '../src/alive.ts';
import { endChild, ended, isGone } from '../src/child-process.ts';

/** Longer than any of these tests: whoever waits for it fails. */
const FOR_EVER_MS = 200_000;

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A process that runs some code, then says that it is there, and stays as long as somebody may speak to it. */
async function start(code = ''): Promise<ChildProcess> {
  const program = `process.on('message', () => {}); ${code}; process.send('here');`;
  const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child;
}

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('a child process that is asked to end', () => {
  it('goes when its channel is closed, and nothing is left to wait for', async () => {
    const child = await start();
    const before = timers();
    await endChild(child, { ask: 'disconnect', graceMs: FOR_EVER_MS });
    assert.deepEqual([child.exitCode, child.signalCode, isAlive(child.pid!)], [0, null, false]);
    assert.equal(timers(), before);
  });

  it('goes at SIGTERM, as it likes', async () => {
    const child = await start(`process.on('SIGTERM', () => process.exit(7))`);
    const end = ended(child);
    await endChild(child, { ask: 'SIGTERM', graceMs: FOR_EVER_MS });
    assert.deepEqual(await end, [7, null]);
  });

  for (const ask of ['SIGTERM', 'disconnect'] as const) {
    it(`is killed where it does not listen to ${ask}, after its time and not before`, async (test) => {
      test.mock.timers.enable({ apis: ['setTimeout'] });
      const child = await start(`process.on('SIGTERM', () => process.send('asked')); setInterval(() => {}, 1000)`);
      const asked = ask === 'SIGTERM' ? once(child, 'message') : once(child, 'disconnect');
      const end = endChild(child, { ask, graceMs: FOR_EVER_MS });
      await asked;
      test.mock.timers.tick(FOR_EVER_MS - 1);
      assert.deepEqual([child.killed, isGone(child)], [ask === 'SIGTERM', false]);
      test.mock.timers.tick(1);
      await end;
      assert.deepEqual([child.exitCode, child.signalCode, isAlive(child.pid!)], [null, 'SIGKILL', false]);
    });
  }

  it('is left alone where it is gone already', async () => {
    for (const code of [
      `process.on('message', () => process.exit(3))`,
      `process.on('message', () => process.kill(process.pid, 'SIGKILL'))`,
    ]) {
      const child = await start(code);
      child.send('go');
      const end = await ended(child);
      assert.equal(isGone(child), true);
      await endChild(child, { ask: 'SIGTERM', graceMs: FOR_EVER_MS });
      assert.deepEqual(await ended(child), end);
      assert.equal(child.killed, false);
    }
  });

  it('has ended with the reason where it never began', async () => {
    const ask = { ask: 'SIGTERM', graceMs: FOR_EVER_MS } as const;
    const child = spawn('/no/such/program');
    assert.equal(child.pid, undefined);
    const [[reason, signal]] = await Promise.all([ended(child), endChild(child, ask)]);
    assert.match(String(reason), /ENOENT/);
    assert.equal(signal, null);
    await endChild(child, ask);
  });
});
