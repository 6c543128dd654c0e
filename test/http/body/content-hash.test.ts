import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ContentHash } from '../../../src/http/body/content-hash.ts';

function fractionOf(...chunks: (string | Uint8Array)[]): number {
  const hash = new ContentHash();
  for (const chunk of chunks) hash.update(chunk);
  return hash.fraction;
}

describe('the fraction of contents', () => {
  it('does not depend on how they arrive', () => {
    const whole = fractionOf('who goes there');
    assert.equal(fractionOf('who ', new Uint8Array(), Buffer.from('goes there')), whole);
    assert.notEqual(fractionOf('who goes here'), whole);
    // As written down in another process: a restart, or another service, must not move anybody to the other side.
    assert.equal(whole, 0.7287350862752646);
  });

  it('is spread evenly, also over contents that hardly differ', () => {
    for (const prefix of ['', '{"input":"', 'a long text that all requests have in common '.repeat(20)]) {
      const counts = Array<number>(10).fill(0);
      for (let i = 0; i < 10_000; i++) {
        const bin = Math.floor(10 * fractionOf(`${prefix}${i}"}`));
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      // Four standard deviations of a binomial count.
      for (const count of counts) assert.ok(Math.abs(count - 1000) < 120, counts.join());
    }
  });
});
