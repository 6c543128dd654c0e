import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_TUNING } from '../../src/hub/tuning.ts';
import { LARGE_BYTES, large, Pulls } from './pulls.ts';

describe('broken connections', () => {
  it('are given up when they bring nothing new', async () => {
    await using pulls = await Pulls.start();
    pulls.misbehave(large, { kind: 'break', at: 1_000_000 });
    await assert.rejects(() => pulls.pull({ tuning: { tries: 4 } }), /gave up after 4 tries: the connection failed/);
    assert.ok(pulls.waits.length >= 3);
    assert.ok(pulls.advanced > 0 && pulls.advanced <= 1_000_000, String(pulls.advanced));
  });

  it('may break as often as they like while they bring something new', async () => {
    await using pulls = await Pulls.start();
    const places = [1, 2, 3, 4, 5, 6].map((at) => ({ kind: 'break', at: at * 480_000, times: 1 }) as const);
    pulls.misbehave(large, ...places);
    await pulls.pull({ tuning: { tries: 3 } });
    assert.equal(pulls.advanced, LARGE_BYTES);
  });

  it('are given up when the server also starts from zero each time', async () => {
    await using pulls = await Pulls.start();
    pulls.misbehave(large, { kind: 'ignore-range' }, { kind: 'break', at: 1_000_000 });
    await assert.rejects(() => pulls.pull({ tuning: { tries: 2 } }), /gave up after 2 tries/);
  });

  it('are named when nothing listens', async () => {
    await using pulls = await Pulls.start();
    await using gone = await Pulls.start();
    const { endpoint } = gone.hub;
    await gone.hub.close();
    await assert.rejects(() => pulls.pull({ endpoint, tuning: { tries: 2 } }), /gave up after 2 tries: .*ECONNREFUSED/);
  });
});

describe('connections that stall', () => {
  const LIMIT_MS = DEFAULT_TUNING.stallTimeoutMs;

  it('are broken off and continued', async (context) => {
    await using pulls = await Pulls.start();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    pulls.misbehave(large, { kind: 'stall', at: 1_000_000, times: 1 });
    pulls.onAdvance = () => pulls.advanced === 1_000_000 && context.mock.timers.tick(LIMIT_MS);
    await pulls.pull();
    assert.deepEqual(pulls.waits, [1000]);
    assert.deepEqual(
      pulls.contentRequests.map(({ range }) => range),
      [undefined, 'bytes=1000000-'],
    );
    assert.equal(pulls.advanced, LARGE_BYTES);
  });

  it('are given up in the end', async (context) => {
    await using pulls = await Pulls.start();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    pulls.misbehave(large, { kind: 'stall', at: 1000 });
    pulls.onAdvance = () => context.mock.timers.tick(LIMIT_MS);
    await assert.rejects(() => pulls.pull({ tuning: { tries: 1 } }), /gave up after 1 tries: nothing came for 30 s/);
  });

  it('are not those that are slow', async (context) => {
    await using pulls = await Pulls.start();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    pulls.onAdvance = () => context.mock.timers.tick(LIMIT_MS - 1);
    await pulls.pull();
    assert.ok(pulls.advances.length > 2);
    assert.deepEqual(pulls.waits, []);
  });
});
