import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatKey, makeKey, parseKey, secretTag } from '../../src/access/key-text.ts';

describe('the text of a key', () => {
  it('has an id and 256 bits of a secret, both new each time', () => {
    const keys = Array.from({ length: 100 }, makeKey);
    assert.equal(new Set(keys.map(({ id }) => id)).size, 100);
    assert.equal(new Set(keys.map(({ secret }) => secret)).size, 100);
    for (const parts of keys) {
      assert.match(formatKey(parts), /^pv_[a-z2-7]{12}_[\w-]{43}$/);
      assert.equal(Buffer.from(parts.secret, 'base64url').byteLength, 32);
      assert.deepEqual(parseKey(formatKey(parts)), parts);
    }
  });

  it('is nothing else', () => {
    const { id, secret } = makeKey();
    for (const text of [
      '',
      'sk-123',
      `pv_${id}`,
      `pv_${id}_`,
      `pv_${id}_${secret}a`,
      `PV_${id}_${secret}`,
      `pv_${id}_${secret}\n`,
    ])
      assert.equal(parseKey(text), undefined, text);
  });

  it('has a tag of sixteen bits', () => {
    const tags = new Set(Array.from({ length: 100 }, () => secretTag(makeKey().secret)));
    assert.ok(tags.size > 95);
    for (const tag of tags) assert.ok(tag >= 0 && tag < 2 ** 16);
  });
});
