import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ClaimedFeatures, FeatureMemory, type Features } from '../../src/embedding/feature-memory.ts';
import { type ErrorCode, PanelvecError } from '../../src/errors.ts';

const features = (...values: number[]): Features => ({ only: Float32Array.from(values) });

function claim(memory: FeatureMemory, ...keys: string[]): ClaimedFeatures {
  const claimed = memory.claim(keys);
  assert.equal(claimed.kind, 'claimed');
  return claimed as ClaimedFeatures;
}

function settledOf(memory: FeatureMemory, ...keys: string[]): Promise<void> {
  const awaited = memory.claim(keys);
  return awaited.kind === 'awaited' ? awaited.settled : assert.fail(`it is ${awaited.kind}`);
}

describe('features in memory', () => {
  it('are known once they are computed, and others wait meanwhile', async () => {
    const memory = new FeatureMemory(10_000);
    const first = claim(memory, 'a');
    const settled = settledOf(memory, 'a');
    const values = features(1, 2);
    first.finish(new Map([['a', values]]));
    values.only?.fill(9);
    await settled;
    const known = memory.claim(['a']);
    assert.deepEqual(known.kind === 'known' && known.known.get('a'), features(1, 2));
    const { hits, misses, bytes } = memory.stats;
    assert.deepEqual([hits, misses], [1, 1]);
    assert.ok(bytes > 8 && bytes < 1000, `${bytes} bytes`);
  });

  it('are computed again where one of two is missing, without a wait that could be mutual', () => {
    const memory = new FeatureMemory(10_000);
    const picture = claim(memory, 'picture');
    const both = claim(memory, 'picture', 'text');
    both.finish(new Map([['text', features(1)]]));
    assert.equal(memory.claim(['picture']).kind, 'awaited');
    picture.finish(new Map([['picture', features(2)]]));
    assert.equal(memory.claim(['picture', 'text']).kind, 'known');
  });

  it('are asked for again by those who wait when the first is given up', async () => {
    const memory = new FeatureMemory(10_000);
    const first = claim(memory, 'a');
    const settled = settledOf(memory, 'a');
    first.fail(new PanelvecError('request_cancelled', 'gone'));
    await settled;
    claim(memory, 'a');
  });

  it('share a failure of the content, without the field of the first', async () => {
    const fail = async (code: ErrorCode, ...keys: string[]) => {
      const memory = new FeatureMemory(10_000);
      const first = claim(memory, ...keys);
      const settled = settledOf(memory, 'a');
      first.fail(new PanelvecError(code, 'broken', { param: 'input[7]' }));
      const error = await settled.catch((reason: PanelvecError) => reason);
      claim(memory, 'a');
      return error && [error.code, error.message, error.param];
    };
    assert.deepEqual(await fail('image_unreadable', 'a'), ['image_unreadable', 'broken', undefined]);
    assert.deepEqual(await fail('poisoned_input', 'a'), ['poisoned_input', 'broken', undefined]);
    assert.equal(await fail('engine_unavailable', 'a'), undefined);
    assert.equal(await fail('poisoned_input', 'a', 'b'), undefined, 'one of two may be at fault');
  });

  it('may fail while nobody listens, which does not end the process', async () => {
    const memory = new FeatureMemory(10_000);
    const first = claim(memory, 'a');
    const settled = settledOf(memory, 'a');
    // An unhandled rejection fails the test.
    first.fail(new PanelvecError('image_unreadable', 'broken'));
    await nextTurn();
    await assert.rejects(settled, /broken/);
  });

  it('stay within the bound, and never hold what is not finite', () => {
    const memory = new FeatureMemory(5000);
    for (let i = 0; i < 100; i++) claim(memory, `${i}`).finish(new Map([[`${i}`, features(...Array(100).fill(i))]]));
    assert.ok(memory.stats.bytes > 2500 && memory.stats.bytes <= 5000, `${memory.stats.bytes} bytes`);
    assert.equal(memory.claim(['99']).kind, 'known');
    claim(memory, '0').fail(new Error('not now'));
    claim(memory, 'nan').finish(new Map([['nan', features(1, Number.NaN)]]));
    claim(memory, 'nan');
  });

  it('are neither kept nor shared with a bound of zero', () => {
    const memory = new FeatureMemory(0);
    claim(memory, 'a');
    claim(memory, 'a').finish(new Map([['a', features(1)]]));
    claim(memory, 'a');
    assert.deepEqual(memory.stats, { hits: 0, misses: 0, bytes: 0 });
  });
});
