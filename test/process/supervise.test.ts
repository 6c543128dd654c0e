import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { describeExit, waitForExit } from '../../src/process/child-process.ts';
import { fixedDelay, nextDelay, type SupervisedProcess, supervise } from '../../src/process/supervise.ts';
import { waitFor } from '../support/wait-for.ts';

/** A real process that is ready at once, and runs some code. */
function launch(code: string): SupervisedProcess {
  const child = spawn(process.execPath, ['--eval', code], { stdio: 'ignore' });
  return { pid: child.pid, ready: Promise.resolve(), exited: waitForExit(child).then(describeExit) };
}

const FOREVER = 'setInterval(() => {}, 1000)';

/** What one supervisor did. */
function recordSupervision(restartPolicy = fixedDelay(1)) {
  const lines: {
    readonly reason?: string;
    readonly child_pid?: number;
    readonly msg: string;
    readonly err?: object;
  }[] = [];
  const controller = new AbortController();
  const ready: (number | undefined)[] = [];
  const ended: (number | undefined)[] = [];
  const options = {
    name: 'child',
    restartPolicy,
    signal: controller.signal,
    log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    onReady: ({ pid }: SupervisedProcess) => void ready.push(pid),
    onExit: ({ pid }: SupervisedProcess) => void ended.push(pid),
  };
  return { options, controller, lines, ready, ended };
}

describe('a supervisor', () => {
  it('starts a process again whenever it ends, however it ends, and says so', async () => {
    const { options, controller, lines, ready, ended } = recordSupervision();
    const programs = ['process.exit(3)', 'process.kill(process.pid, "SIGKILL")', FOREVER];
    const processes: SupervisedProcess[] = [];
    await supervise(() => {
      const started = launch(programs[processes.length] ?? FOREVER);
      processes.push(started);
      return started;
    }, options);
    await waitFor('the third process', () => ready.length === 3);
    assert.deepEqual(
      ready,
      processes.map(({ pid }) => pid),
    );
    assert.deepEqual(ended, ready.slice(0, 2));
    assert.deepEqual(
      lines.map(({ reason, child_pid, msg }) => [reason, child_pid, msg]),
      [
        ['exit code 3', ready[0], 'the child ended and is started again'],
        ['SIGKILL', ready[1], 'the child ended and is started again'],
      ],
    );
    controller.abort();
    const last = processes[2];
    assert.ok(last?.pid);
    process.kill(last.pid, 'SIGKILL');
    await last.exited;
    await new Promise(setImmediate);
    assert.deepEqual([processes.length, lines.length, ended.length], [3, 2, 2]);
  });

  it('does not try again where the first process does not start', async () => {
    const { options, lines, ready } = recordSupervision();
    let launches = 0;
    const refused = supervise(() => {
      launches++;
      return { ...launch(''), ready: Promise.reject(new Error('a wrong setting')) };
    }, options);
    await assert.rejects(refused, /a wrong setting/);
    assert.deepEqual([launches, lines, ready], [1, [], []]);
  });

  it('goes on trying where a later one does not start, or cannot even be made', async () => {
    const { options, controller, lines, ready } = recordSupervision();
    const tries: (() => SupervisedProcess)[] = [
      () => launch(''),
      () => ({ ...launch(''), ready: Promise.reject(new Error('not ready')) }),
      () => {
        throw new Error('not made');
      },
      () => launch(FOREVER),
    ];
    let last: SupervisedProcess | undefined;
    await supervise(() => {
      last = (tries.shift() ?? assert.fail('one start too many'))();
      return last;
    }, options);
    await waitFor('the last process', () => ready.length === 2);
    assert.deepEqual(
      lines.filter(({ err }) => err).map(({ msg, err }) => [msg, (err as Error).message]),
      [
        ['the child did not start', 'not ready'],
        ['the child did not start', 'not made'],
      ],
    );
    controller.abort();
    assert.ok(last?.pid);
    process.kill(last.pid, 'SIGKILL');
    await last.exited;
  });

  it('stops in the middle of a delay', async () => {
    const { options, controller, ended } = recordSupervision(fixedDelay(200_000));
    let launches = 0;
    await supervise(() => {
      launches++;
      return launch('');
    }, options);
    await waitFor('the end of the process', () => ended.length === 1);
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    await waitFor('the delay', () => timers() > 0);
    controller.abort();
    await waitFor('its end', () => timers() === 0);
    assert.equal(launches, 1);
  });
});

describe('the delay before a restart', () => {
  it('doubles up to the maximum while processes end early, and is the minimum after one that did not', () => {
    const policy = { minDelayMs: 50, maxDelayMs: 300, minUptimeMs: 5000 };
    const delays: number[] = [];
    let delayMs = policy.minDelayMs;
    for (const uptimeMs of [0, 100, 5000, 10, 5001, 3]) {
      delayMs = nextDelay(policy, delayMs, uptimeMs);
      delays.push(delayMs);
    }
    assert.deepEqual(delays, [100, 200, 300, 300, 50, 100]);
  });

  it('is always the same where it is fixed', () => {
    assert.deepEqual(
      [0, 1, 1e9].map((uptimeMs) => nextDelay(fixedDelay(500), 500, uptimeMs)),
      [500, 500, 500],
    );
  });
});
