import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PanelOutcome } from '../../src/embedding/embedding-observer.ts';
import type { CanaryEnd } from '../../src/promotion/canary-judgement.ts';
import { CanaryWatch } from '../../src/promotion/canary-watch.ts';
import type { CanaryListener, RunningCanary } from '../../src/promotion/running-canary.ts';
import { silentLogger } from '../support/in-process-service.ts';

const [ACTIVE, CANARY] = ['old@1', 'new@1'];

function makeCanary(options: Partial<RunningCanary> = {}): RunningCanary {
  return { id: '1', alias: 'default', model: CANARY, active: ACTIVE, share: 0.1, startedAt: new Date(), ...options };
}

/** A watch over canaries, with what it has ended. */
function watch(...canaries: RunningCanary[]) {
  const ended: { id: string; reason: string }[] = [];
  const counted: [alias: string, end: CanaryEnd][] = [];
  const listeners: CanaryListener[] = [];
  const canaryWatch = new CanaryWatch({ recordCanaryEnd: (...end) => counted.push(end) }, silentLogger);
  canaryWatch.connect({
    onCanaryChange: (listener) => listeners.push(listener),
    endCanary: async (id, reason) => {
      ended.push({ id, reason });
    },
  });
  const follow = (...running: RunningCanary[]) => {
    for (const listener of listeners) listener(running);
  };
  follow(...canaries);
  /** Records panels of as many requests, unless they share one. */
  const record = (model: string, count: number, options: Partial<PanelOutcome> = {}) => {
    for (let i = 0; i < count; i++) {
      const request = { panels: 1 };
      canaryWatch.recordOutcome({ model, outcome: 'ok', seconds: 0.03, hasPicture: true, request, ...options });
    }
  };
  return { canaryWatch, ended, counted, follow, record };
}

const reasons = (ended: readonly { reason: string }[]) => ended.map(({ reason }) => reason);

describe('a canary whose vectors are not finite', () => {
  it('ends at the first one, once', () => {
    const { canaryWatch, ended, counted, record } = watch(makeCanary());
    record(ACTIVE, 3, { outcome: 'not_finite' });
    assert.deepEqual(ended, []);
    record(CANARY, 5, { outcome: 'not_finite' });
    assert.deepEqual(ended, [{ id: '1', reason: 'it gave a vector that is not finite' }]);
    assert.deepEqual(counted, [['default', 'not_finite']]);
    assert.deepEqual(canaryWatch.running, []);
  });

  it('ends under each of its aliases, and does not concern other canaries', () => {
    const other = makeCanary({ id: '3', alias: 'other', model: 'third@1' });
    const { ended, record } = watch(makeCanary(), makeCanary({ id: '2', alias: 'stable' }), other);
    record(CANARY, 1, { outcome: 'not_finite' });
    assert.deepEqual(
      ended.map(({ id }) => id),
      ['1', '2'],
    );
  });
});

describe('a canary that fails', () => {
  it('ends at the third error, if these are over 5 %', () => {
    const { ended, counted, record } = watch(makeCanary());
    record(ACTIVE, 100);
    record(CANARY, 30);
    record(CANARY, 2, { outcome: 'error' });
    assert.deepEqual(ended, []);
    record(CANARY, 1, { outcome: 'error' });
    assert.deepEqual(reasons(ended), ["3 of its latest 33 panels failed, of the active model's 0 of 100"]);
    assert.deepEqual(counted, [['default', 'errors']]);
  });

  it('goes on at 5 %', () => {
    const { ended, record } = watch(makeCanary());
    record(CANARY, 95);
    record(CANARY, 5, { outcome: 'error' });
    assert.deepEqual(ended, []);
  });

  it('goes on while the active model fails half as often', () => {
    const { ended, record } = watch(makeCanary());
    record(ACTIVE, 10, { outcome: 'error' });
    record(ACTIVE, 90);
    record(CANARY, 40);
    record(CANARY, 10, { outcome: 'error' });
    assert.deepEqual(ended, []);
    record(CANARY, 5, { outcome: 'error' });
    assert.equal(ended.length, 1);
  });

  it('ends although all was well for long', () => {
    const { ended, record } = watch(makeCanary());
    record(CANARY, 10_000);
    record(CANARY, 11, { outcome: 'error' });
    assert.equal(ended.length, 1);
  });
});

describe('a canary that is slow', () => {
  it('ends when both models have computed 20 panels', () => {
    const { ended, counted, record } = watch(makeCanary());
    record(ACTIVE, 190, { seconds: 0.022 });
    record(CANARY, 19, { seconds: 0.31 });
    assert.deepEqual(ended, []);
    record(CANARY, 1, { seconds: 0.31 });
    assert.deepEqual(reasons(ended), [
      'it is slow: median 310 ms of 20 pictures of requests with 1 panel, the active model 22 ms of 190',
    ]);
    assert.deepEqual(counted, [['default', 'latency']]);
  });

  it('ends at the panel of the active model that completes the comparison', () => {
    const { ended, record } = watch(makeCanary());
    record(CANARY, 40, { seconds: 0.31 });
    record(ACTIVE, 19, { seconds: 0.022 });
    assert.deepEqual(ended, []);
    record(ACTIVE, 1, { seconds: 0.022 });
    assert.equal(ended.length, 1);
  });

  it('goes on if it takes not twice as long, or hardly longer', () => {
    for (const [active, canary] of [
      [0.1, 0.199],
      [0.005, 0.0249],
    ] as const) {
      const { ended, record } = watch(makeCanary());
      record(ACTIVE, 50, { seconds: active });
      record(CANARY, 50, { seconds: canary });
      assert.deepEqual(ended, [], `${active} ${canary}`);
    }
  });

  it('goes on while it had only a few slow panels', () => {
    const { ended, record } = watch(makeCanary());
    record(ACTIVE, 50);
    record(CANARY, 9, { seconds: 5 });
    record(CANARY, 50);
    assert.deepEqual(ended, []);
  });

  it('is compared by the panels that it has computed, not by those that failed', () => {
    const { ended, record } = watch(makeCanary());
    record(ACTIVE, 30, { outcome: 'error' });
    record(ACTIVE, 30);
    record(CANARY, 30);
    record(CANARY, 30, { outcome: 'error', seconds: 60 });
    assert.deepEqual(ended, []);
  });

  it('ends although its clients give up before it has computed anything', () => {
    const { ended, record } = watch(makeCanary());
    record(ACTIVE, 30);
    record(CANARY, 20, { outcome: 'given_up', seconds: 1 });
    assert.match(reasons(ended).join(), /^it is slow: median 1000 ms of 20 pictures/);
  });

  it('does not look fast because clients give up soon', () => {
    const { ended, record } = watch(makeCanary());
    record(CANARY, 19, { seconds: 1 });
    record(CANARY, 100, { outcome: 'given_up', seconds: 0.01 });
    record(ACTIVE, 30);
    record(CANARY, 1, { seconds: 1 });
    assert.equal(ended.length, 1);
  });

  it('is compared by panels alike: pictures with pictures, those of pages with those of pages', () => {
    const { ended, record } = watch(makeCanary());
    record(ACTIVE, 100, { seconds: 0.004, hasPicture: false });
    record(ACTIVE, 100, { seconds: 0.03 });
    for (let i = 0; i < 10; i++) record(CANARY, 30, { seconds: 0.4, request: { panels: 30 } });
    record(CANARY, 100, { seconds: 0.03 });
    assert.deepEqual(ended, []);
    for (let i = 0; i < 5; i++) record(ACTIVE, 17, { seconds: 0.1, request: { panels: 17 } });
    assert.deepEqual(reasons(ended), [
      'it is slow: median 400 ms of 200 pictures of requests with 16 to 31 panels, the active model 100 ms of 69',
    ]);
  });

  it('is not judged by one request of many panels', () => {
    const { ended, record } = watch(makeCanary());
    for (let i = 0; i < 20; i++) record(ACTIVE, 30, { request: { panels: 30 } });
    for (let i = 0; i < 4; i++) record(CANARY, 30, { seconds: 9, request: { panels: 30 } });
    assert.deepEqual(ended, []);
    record(CANARY, 30, { seconds: 9, request: { panels: 30 } });
    assert.equal(ended.length, 1);
  });
});

describe('the canaries that are watched', () => {
  it('keep what they have done while others come and go', () => {
    const { ended, follow, record } = watch(makeCanary());
    record(CANARY, 2, { outcome: 'error' });
    follow(makeCanary(), makeCanary({ id: '2', alias: 'stable', model: 'third@1' }));
    follow(makeCanary());
    record(CANARY, 1, { outcome: 'error' });
    assert.equal(ended.length, 1);
  });

  it('begin anew under another id', () => {
    const { ended, follow, record } = watch(makeCanary());
    record(CANARY, 2, { outcome: 'error' });
    follow(makeCanary({ id: '2' }));
    record(CANARY, 2, { outcome: 'error' });
    assert.deepEqual(ended, []);
  });

  it('are none any more after their end', () => {
    const { ended, follow, record } = watch(makeCanary());
    follow();
    record(CANARY, 5, { outcome: 'not_finite' });
    assert.deepEqual(ended, []);
  });
});
