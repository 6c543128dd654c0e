import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome, RequestOutcome } from '../../src/embedding/embedding-observer.ts';
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
  let now = 0;
  const observer = { recordCanaryEnd: (...end: [string, CanaryEnd]) => counted.push(end) };
  const canaryWatch = new CanaryWatch(observer, silentLogger, () => now);
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
  /** Records panels. */
  const record = (model: string, count: number, outcome: Outcome = 'ok') => {
    for (let i = 0; i < count; i++) canaryWatch.recordOutcome({ model, outcome, seconds: 0.03 });
  };
  /** Records requests of one picture each, unless they are others. */
  const recordRequests = (model: string, count: number, options: Partial<RequestOutcome> = {}) => {
    for (let i = 0; i < count; i++) {
      canaryWatch.recordRequest({ model, outcome: 'ok', seconds: 0.03, hasPictures: true, panels: 1, ...options });
    }
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { canaryWatch, ended, counted, follow, record, recordRequests, pass };
}

const reasons = (ended: readonly { reason: string }[]) => ended.map(({ reason }) => reason);

describe('a canary whose vectors are not finite', () => {
  it('ends at the first one, once', () => {
    const { canaryWatch, ended, counted, record } = watch(makeCanary());
    record(ACTIVE, 3, 'not_finite');
    assert.deepEqual(ended, []);
    record(CANARY, 5, 'not_finite');
    assert.deepEqual(ended, [{ id: '1', reason: 'it gave a vector that is not finite' }]);
    assert.deepEqual(counted, [['default', 'not_finite']]);
    assert.deepEqual(canaryWatch.running, []);
  });

  it('ends under each of its aliases, and does not concern other canaries', () => {
    const other = makeCanary({ id: '3', alias: 'other', model: 'third@1' });
    const { ended, record } = watch(makeCanary(), makeCanary({ id: '2', alias: 'stable' }), other);
    record(CANARY, 1, 'not_finite');
    assert.deepEqual(
      ended.map(({ id }) => id),
      ['1', '2'],
    );
  });
});

describe('a canary that fails', () => {
  it('does not fail where clients give up', () => {
    const { ended, record } = watch(makeCanary());
    record(CANARY, 3, 'error');
    assert.equal(ended.length, 1);
    const other = watch(makeCanary());
    other.record(CANARY, 100, 'given_up');
    assert.deepEqual(other.ended, []);
  });

  it('ends at the third error, if these are over 5 %', () => {
    const { ended, counted, record } = watch(makeCanary());
    record(ACTIVE, 100);
    record(CANARY, 30);
    record(CANARY, 2, 'error');
    assert.deepEqual(ended, []);
    record(CANARY, 1, 'error');
    assert.deepEqual(reasons(ended), ["3 of its latest 33 panels failed, of the active model's 0 of 100"]);
    assert.deepEqual(counted, [['default', 'errors']]);
  });

  it('goes on at 5 %', () => {
    const { ended, record } = watch(makeCanary());
    record(CANARY, 95);
    record(CANARY, 5, 'error');
    assert.deepEqual(ended, []);
  });

  it('goes on while the active model fails half as often', () => {
    const { ended, record } = watch(makeCanary());
    record(ACTIVE, 10, 'error');
    record(ACTIVE, 90);
    record(CANARY, 40);
    record(CANARY, 10, 'error');
    assert.deepEqual(ended, []);
    record(CANARY, 5, 'error');
    assert.equal(ended.length, 1);
  });

  it('ends although all was well for long', () => {
    const { ended, record } = watch(makeCanary());
    record(CANARY, 10_000);
    record(CANARY, 11, 'error');
    assert.equal(ended.length, 1);
  });
});

describe('a canary that is slow', () => {
  it('ends when 20 of its requests were slow and it stays so for five seconds', () => {
    const { ended, counted, recordRequests, pass } = watch(makeCanary());
    recordRequests(ACTIVE, 190, { seconds: 0.022 });
    recordRequests(CANARY, 19, { seconds: 0.31 });
    pass(60_000);
    recordRequests(CANARY, 1, { seconds: 0.31 });
    pass(4999);
    recordRequests(CANARY, 3, { seconds: 0.31 });
    assert.deepEqual(ended, []);
    pass(1);
    recordRequests(CANARY, 1, { seconds: 0.31 });
    assert.deepEqual(reasons(ended), [
      'it is slow: median 310 ms of its latest 24 requests with pictures, the active model 22 ms of like ones',
    ]);
    assert.deepEqual(counted, [['default', 'latency']]);
  });

  /** Whether a canary ends whose requests took so long for a minute. */
  function endsWith(canarySeconds: readonly number[], activeSeconds = 0.03): boolean {
    const { ended, recordRequests, pass } = watch(makeCanary());
    recordRequests(ACTIVE, 20, { seconds: activeSeconds });
    for (let second = 0; second < 60; second++) {
      for (const seconds of canarySeconds) recordRequests(CANARY, 1, { seconds });
      pass(1000);
    }
    return ended.length > 0;
  }

  it('goes on if it takes not twice as long, or hardly longer', () => {
    assert.equal(endsWith([0.199], 0.1), false);
    assert.equal(endsWith([0.201], 0.1), true);
    assert.equal(endsWith([0.0249], 0.005), false);
    assert.equal(endsWith([0.0251], 0.005), true);
  });

  it('goes on unless three of four requests are slow', () => {
    assert.equal(endsWith([0.3, 0.3, 0.03]), false);
    assert.equal(endsWith([0.3, 0.3, 0.3, 0.03]), true);
  });

  it('goes on after a moment in which all was slow', () => {
    const { ended, recordRequests, pass } = watch(makeCanary());
    recordRequests(ACTIVE, 20);
    recordRequests(CANARY, 30, { seconds: 1 });
    recordRequests(CANARY, 20);
    pass(10_000);
    recordRequests(CANARY, 30, { seconds: 1 });
    assert.deepEqual(ended, []);
  });

  it('is compared with what the active model takes at the time', () => {
    const { ended, recordRequests, pass } = watch(makeCanary());
    recordRequests(ACTIVE, 200, { seconds: 0.03 });
    for (let second = 0; second < 60; second++) {
      recordRequests(ACTIVE, 20, { seconds: 0.2 });
      recordRequests(CANARY, 10, { seconds: 0.3 });
      pass(1000);
    }
    assert.deepEqual(ended, []);
  });

  it('is compared with like requests: pictures with pictures, large pages with large pages', () => {
    const { ended, recordRequests, pass } = watch(makeCanary());
    recordRequests(ACTIVE, 100, { seconds: 0.004, hasPictures: false, panels: 30 });
    recordRequests(ACTIVE, 100, { seconds: 0.03 });
    recordRequests(ACTIVE, 4, { seconds: 0.1, panels: 17 });
    const minute = () => {
      for (let second = 0; second < 60; second++) {
        recordRequests(CANARY, 1, { seconds: 0.4, panels: 30 });
        pass(1000);
      }
    };
    minute();
    assert.deepEqual(ended, [], 'four are too few to compare with');
    recordRequests(ACTIVE, 1, { seconds: 0.1, panels: 17 });
    minute();
    assert.match(reasons(ended).join(), /400 ms of its latest \d+ requests with pictures, the active model 100 ms/);
  });

  it('is not compared by requests that failed, nor by those without panels', () => {
    const { ended, recordRequests, pass } = watch(makeCanary());
    recordRequests(ACTIVE, 20);
    for (let second = 0; second < 60; second++) {
      recordRequests(CANARY, 1, { seconds: 9, outcome: 'error' });
      recordRequests(CANARY, 1, { panels: 0, seconds: 9 });
      pass(1000);
    }
    assert.deepEqual(ended, []);
  });

  it('ends although its clients give up before it has computed anything', () => {
    const { ended, recordRequests, pass } = watch(makeCanary());
    recordRequests(ACTIVE, 20);
    recordRequests(CANARY, 20, { outcome: 'given_up', seconds: 1 });
    pass(5000);
    recordRequests(CANARY, 1, { outcome: 'given_up', seconds: 1 });
    assert.equal(ended.length, 1);
  });

  it('does not look fast because clients give up soon, nor does the active model', () => {
    const { ended, recordRequests, pass } = watch(makeCanary());
    recordRequests(ACTIVE, 20, { seconds: 0.2 });
    recordRequests(ACTIVE, 20, { outcome: 'given_up', seconds: 0.01 });
    recordRequests(CANARY, 20, { seconds: 0.3 });
    pass(5000);
    recordRequests(CANARY, 1, { seconds: 0.3 });
    assert.deepEqual(ended, []);
    recordRequests(CANARY, 40, { seconds: 1 });
    recordRequests(CANARY, 40, { outcome: 'given_up', seconds: 0.01 });
    pass(5000);
    recordRequests(CANARY, 1, { seconds: 1 });
    assert.equal(ended.length, 1);
  });
});

describe('the canaries that are watched', () => {
  it('keep what they have done while others come and go', () => {
    const { ended, follow, record } = watch(makeCanary());
    record(CANARY, 2, 'error');
    follow(makeCanary(), makeCanary({ id: '2', alias: 'stable', model: 'third@1' }));
    follow(makeCanary());
    record(CANARY, 1, 'error');
    assert.equal(ended.length, 1);
  });

  it('begin anew under another id', () => {
    const { ended, follow, record } = watch(makeCanary());
    record(CANARY, 2, 'error');
    follow(makeCanary({ id: '2' }));
    record(CANARY, 2, 'error');
    assert.deepEqual(ended, []);
  });

  it('are none any more after their end', () => {
    const { ended, follow, record } = watch(makeCanary());
    follow();
    record(CANARY, 5, 'not_finite');
    assert.deepEqual(ended, []);
  });
});
