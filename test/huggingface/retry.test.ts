import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_PULL_POLICY } from '../../src/huggingface/pull-context.ts';
import { LARGE_BYTES, large, PullFixture } from './pull-fixture.ts';

describe('a broken connection', () => {
  it('fails the file after some attempts without progress', async () => {
    await using pulls = await PullFixture.start();
    pulls.injectFaults(large, { kind: 'break', offset: 1_000_000 });
    await assert.rejects(() => pulls.pull({ policy: { maxTries: 4 } }), /gave up after 4 tries: the connection failed/);
    assert.ok(pulls.waits.length >= 3);
    assert.ok(pulls.reportedBytes > 0 && pulls.reportedBytes <= 1_000_000, String(pulls.reportedBytes));
  });

  it('is retried any number of times while there is progress', async () => {
    await using pulls = await PullFixture.start();
    const breaks = [1, 2, 3, 4, 5, 6].map(
      (multiple) => ({ kind: 'break', offset: multiple * 480_000, times: 1 }) as const,
    );
    pulls.injectFaults(large, ...breaks);
    await pulls.pull({ policy: { maxTries: 3 } });
    assert.equal(pulls.reportedBytes, LARGE_BYTES);
  });

  it('fails the file if the server starts from zero each time', async () => {
    await using pulls = await PullFixture.start();
    pulls.injectFaults(large, { kind: 'ignore-range' }, { kind: 'break', offset: 1_000_000 });
    await assert.rejects(() => pulls.pull({ policy: { maxTries: 2 } }), /gave up after 2 tries/);
  });

  it('is named in the error if nothing listens', async () => {
    await using pulls = await PullFixture.start();
    await using closed = await PullFixture.start();
    const { endpoint } = closed.hub;
    await closed.hub.close();
    await assert.rejects(
      () => pulls.pull({ endpoint, policy: { maxTries: 2 } }),
      /gave up after 2 tries: .*ECONNREFUSED/,
    );
  });
});

describe('a stalled connection', () => {
  const STALL_TIMEOUT_MS = DEFAULT_PULL_POLICY.stallTimeoutMs;

  it('is closed, and the download continues', async (context) => {
    await using pulls = await PullFixture.start();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    pulls.injectFaults(large, { kind: 'stall', offset: 1_000_000, times: 1 });
    pulls.onAdvance = () => pulls.reportedBytes === 1_000_000 && context.mock.timers.tick(STALL_TIMEOUT_MS);
    await pulls.pull();
    assert.deepEqual(pulls.waits, [1000]);
    assert.deepEqual(
      pulls.contentRequests.map(({ range }) => range),
      [undefined, 'bytes=1000000-'],
    );
    assert.equal(pulls.reportedBytes, LARGE_BYTES);
  });

  it('fails the file after some attempts', async (context) => {
    await using pulls = await PullFixture.start();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    pulls.injectFaults(large, { kind: 'stall', offset: 1000 });
    pulls.onAdvance = () => context.mock.timers.tick(STALL_TIMEOUT_MS);
    await assert.rejects(() => pulls.pull({ policy: { maxTries: 1 } }), /gave up after 1 tries: nothing came for 30 s/);
  });

  it('is not one that is only slow', async (context) => {
    await using pulls = await PullFixture.start();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    pulls.onAdvance = () => context.mock.timers.tick(STALL_TIMEOUT_MS - 1);
    await pulls.pull();
    assert.ok(pulls.progressUpdates.length > 2);
    assert.deepEqual(pulls.waits, []);
  });
});
