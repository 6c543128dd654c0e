import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { describe, it, type TestContext } from 'node:test';
import type { PanelvecError } from '../../src/errors.ts';
import { type EngineEnd, EngineLostError } from '../../src/inference/engine-end.ts';
import type { QueueEntry } from '../../src/inference/inference-queue.ts';
import { LostPanels } from '../../src/inference/lost-panels.ts';
import { makeQueueEntry } from '../support/queue-entry.ts';
import { textItem } from '../support/with-pool.ts';

interface Lost {
  /** Undefined while it is tried again */
  error?: PanelvecError;
  entry: QueueEntry;
}

function lostPanel(token = 1): Lost {
  const lost: Lost = {
    entry: makeQueueEntry({
      item: textItem(token),
      reject: (error) => {
        lost.error = error;
      },
    }),
  };
  return lost;
}

const codeOf = ({ error }: Lost) => error?.code;

/** Counts what is refused, and loses panels as an engine pool does. */
function useLostPanels(poisonedSeconds = 60) {
  const observed = { poisoned: 0 };
  const lostPanels = new LostPanels(poisonedSeconds, () => observed.poisoned++);
  const lose = (lost: Lost, error: unknown, { wasAlone = true, queue = [] as QueueEntry[] } = {}) => {
    const [retry] = lostPanels.sortOut([lost.entry], error, wasAlone, [queue]);
    assert.equal(retry === undefined, lost.error !== undefined);
    lost.entry = retry ?? lost.entry;
  };
  return { observed, lostPanels, lose };
}

const ended = (end: EngineEnd | undefined, reason = 'SIGKILL') => new EngineLostError(reason, end);
const crash = ended(undefined, 'SIGSEGV');

/** Lets Linux say how many processes it has ended for lack of memory. */
function mockOomKills(t: TestContext): (kills: number) => void {
  let kills = 0;
  const { readFileSync } = fs;
  t.mock.method(fs, 'readFileSync', (...args: Parameters<typeof readFileSync>) =>
    args[0] === '/proc/vmstat' ? `nr_free_pages 1\noom_kill ${kills}\nnuma_hit 7\n` : readFileSync(...args),
  );
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return (value) => {
    kills = value;
  };
}

describe('a panel whose engine ended', () => {
  it('is tried again after 24 signals from outside in a row, whichever they are', () => {
    const { observed, lose } = useLostPanels();
    const lost = lostPanel();
    for (let i = 0; i < 24; i++) lose(lost, ended(undefined, ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'][i % 4]));
    assert.equal(lost.error, undefined);
    assert.equal(observed.poisoned, 0);
    assert.equal(lost.entry.isRetry, true);
    for (let i = 0; i < 6; i++) lose(lost, ended(undefined));
    assert.equal(codeOf(lost), 'poisoned_input', 'not for ever');
  });

  it('is refused after two crashes while it was alone, whatever came between', () => {
    for (const end of [crash, ended('hung')]) {
      const { observed, lose } = useLostPanels();
      const lost = lostPanel();
      lose(lost, end);
      for (let i = 0; i < 3; i++) lose(lost, ended(undefined));
      lose(lost, ended('replaced'));
      assert.equal(lost.error, undefined);
      lose(lost, end);
      assert.equal(codeOf(lost), 'poisoned_input');
      assert.equal(observed.poisoned, 1);
    }
  });

  it('is not suspected of what ended beside others, however often', () => {
    const { observed, lostPanels, lose } = useLostPanels();
    const lost = lostPanel();
    for (let i = 0; i < 100; i++) lose(lost, crash, { wasAlone: false });
    const others = [lostPanel(2), lostPanel(3)];
    for (let i = 0; i < 100; i++) {
      const retries = lostPanels.sortOut(
        others.map(({ entry }) => entry),
        crash,
        true,
        [],
      );
      for (const [j, other] of others.entries()) other.entry = retries[j] ?? assert.fail('it is refused');
    }
    assert.equal(observed.poisoned, 0);
  });

  it('is refused after six kills if memory ran out at each of them', (t) => {
    const setOomKills = mockOomKills(t);
    setOomKills(3);
    const { lose } = useLostPanels();
    const lost = lostPanel();
    lose(lost, ended(undefined));
    for (let kills = 4; kills <= 8; kills++) {
      setOomKills(kills);
      lose(lost, ended(undefined));
    }
    assert.equal(lost.error, undefined);
    setOomKills(9);
    lose(lost, ended(undefined));
    assert.equal(codeOf(lost), 'poisoned_input');
  });

  it('is not suspected of the memory that earlier kills were for', (t) => {
    const setOomKills = mockOomKills(t);
    setOomKills(1000);
    const { lose } = useLostPanels();
    const lost = lostPanel();
    for (let i = 0; i < 24; i++) lose(lost, ended(undefined));
    assert.equal(lost.error, undefined);
  });

  it('takes equal ones along that were lost with it, and no others', () => {
    const { observed, lostPanels, lose } = useLostPanels();
    const [lost, equal, other, unlost] = [lostPanel(5), lostPanel(5), lostPanel(6), lostPanel(5)];
    const queue = [...lostPanels.sortOut([equal.entry, other.entry], crash, false, []), unlost.entry];
    lose(lost, crash);
    lose(lost, crash, { queue });
    assert.equal(codeOf(equal), 'poisoned_input');
    assert.equal(other.error, undefined);
    assert.deepEqual(
      queue.map(({ item }) => item),
      [other.entry.item, unlost.entry.item],
    );
    assert.equal(observed.poisoned, 2);
    lose(unlost, crash, { wasAlone: false });
    assert.equal(codeOf(unlost), 'poisoned_input');
    assert.equal(lostPanels.findRefusal(textItem(5))?.code, 'poisoned_input');
    assert.equal(lostPanels.findRefusal(textItem(6)), undefined);
  });

  it('waits anew from then on', () => {
    const { lose } = useLostPanels();
    const lost = lostPanel();
    lose(lost, crash);
    assert.ok(lost.entry.queuedAt > 0);
  });
});
