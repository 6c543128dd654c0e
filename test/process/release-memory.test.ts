import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { releaseMemoryAtRest } from '../../src/process/release-memory.ts';
import { waitFor } from '../support/wait-for.ts';

const OBJECTS = 1_000_000;
const MEGABYTE = 2 ** 20;
/** A process that has nothing to do at all gets a collection that gives memory back from V8 itself, after eight seconds. */
const RELEASE_TIMEOUT_MS = 6000;

/** Takes some hundred megabytes of the heap, and lets go of them: V8 keeps the pages that an ordinary collection frees. */
async function fillHeap(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  for (let times = 0; times < 3; times++) {
    const objects = Array.from({ length: OBJECTS }, (_, i) => ({ i, list: [i] }));
    assert.equal(objects.length, OBJECTS);
    await nextTurn();
  }
  collectGarbage();
}

describe('a process at rest', () => {
  it('gives the memory of its work back, and not while it works', async () => {
    let progress = 0;
    let isWorking = true;
    const start = process.memoryUsage.rss();
    let checks = 0;
    const stop = releaseMemoryAtRest({
      intervalMs: 20,
      readProgress: () => {
        checks++;
        return isWorking ? progress++ : progress;
      },
    });
    await fillHeap();
    const filled = process.memoryUsage.rss();
    assert.ok(filled - start > 100 * MEGABYTE, `${filled - start} bytes`);
    const checksBefore = checks;
    await waitFor('more checks', () => checks > checksBefore + 5);
    const working = process.memoryUsage.rss();
    assert.ok(working - start > 100 * MEGABYTE, `${working - start} bytes`);
    isWorking = false;
    await waitFor('the memory', () => process.memoryUsage.rss() - start < 64 * MEGABYTE, RELEASE_TIMEOUT_MS);
    stop();
  });
});
