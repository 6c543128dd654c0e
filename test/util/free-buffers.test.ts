import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freeBuffers } from '../../src/util/free-buffers.ts';

const LARGE = 150_528;

describe('freeBuffers', () => {
  it('frees a buffer that several arrays are parts of', () => {
    const bytes = new Uint8Array(LARGE);
    const floats = new Float32Array(bytes.buffer, 0, 12);
    freeBuffers([bytes, floats, null]);
    assert.equal(bytes.byteLength, 0);
    assert.equal(floats.length, 0);
  });

  it('leaves the pool of small buffers alone, which other buffers are parts of', () => {
    const [mine, other] = [Buffer.from('mine'), Buffer.from('other')];
    assert.equal(mine.buffer, other.buffer);
    freeBuffers([mine]);
    assert.equal(other.toString(), 'other');
  });

  it('does nothing to a buffer that was freed before', () => {
    const bytes = new Uint8Array(LARGE);
    freeBuffers([bytes]);
    freeBuffers([bytes]);
    assert.equal(bytes.byteLength, 0);
  });
});
