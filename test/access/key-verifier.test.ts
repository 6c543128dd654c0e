import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { after, before, beforeEach, describe, it } from 'node:test';
import { NO_LIMITS } from '../../src/access/key-limits.ts';
import type { KeyRecord } from '../../src/access/key-records.ts';
import { type KeyParts, makeKey, secretTag } from '../../src/access/key-text.ts';
import { KeyVerifier } from '../../src/access/key-verifier.ts';
import { hashSecret } from '../../src/access/secret-hash.ts';

let scryptRuns = 0;
const hook = createHook({
  init(_, type) {
    if (type === 'SCRYPTREQUEST') scryptRuns++;
  },
});

async function makeRecord({ id, secret }: KeyParts): Promise<KeyRecord> {
  const secretHash = await hashSecret(secret);
  const times = { createdAt: new Date(), expiresAt: null, revokedAt: null, lastUsedAt: null };
  return { id, name: 'test', scopes: ['embed'], secretTag: secretTag(secret), secretHash, ...times, limits: NO_LIMITS };
}

/** Another secret with the same tag */
function findCollision(secret: string): string {
  const tag = secretTag(secret);
  for (let i = 0; ; i++) if (secretTag(`${i}`) === tag) return `${i}`;
}

describe('the verification of keys', () => {
  const parts = makeKey();
  let record: KeyRecord;
  before(async () => {
    record = await makeRecord(parts);
    hook.enable();
  });
  after(() => hook.disable());
  beforeEach(() => {
    scryptRuns = 0;
  });

  it('hashes a key once, also if it comes many times at once', async () => {
    const verifier = new KeyVerifier();
    const results = await Promise.all(Array.from({ length: 20 }, () => verifier.isSecretOf(parts, record)));
    assert.deepEqual(results, Array(20).fill(true));
    assert.equal(await verifier.isSecretOf(parts, record), true);
    assert.equal(scryptRuns, 1);
  });

  it('refuses guesses without a hash, but for those of the same tag', async () => {
    const verifier = new KeyVerifier();
    let guesses = 0;
    while (guesses < 1000) {
      const { secret } = makeKey();
      if (secretTag(secret) === record.secretTag) continue;
      guesses++;
      assert.equal(await verifier.isSecretOf({ id: parts.id, secret }, record), false);
    }
    assert.equal(scryptRuns, 0);
    const secret = findCollision(parts.secret);
    assert.equal(await verifier.isSecretOf({ id: parts.id, secret }, record), false);
    assert.equal(scryptRuns, 1);
  });

  it('holds up no other key for guesses of one', async () => {
    const verifier = new KeyVerifier();
    const ended: string[] = [];
    const guess = findCollision(parts.secret);
    const other = makeKey();
    const otherRecord = await makeRecord(other);
    const verify = async (name: string, key: KeyParts, ownRecord: KeyRecord) => {
      await verifier.isSecretOf(key, ownRecord);
      ended.push(name);
    };
    await Promise.all([
      verify('first guess', { id: parts.id, secret: guess }, record),
      verify('second guess', parts, record),
      verify('other key', other, otherRecord),
    ]);
    assert.deepEqual(ended, ['first guess', 'other key', 'second guess']);
  });

  it('forgets a key whose record has another hash', async () => {
    const verifier = new KeyVerifier();
    assert.equal(await verifier.isSecretOf(parts, record), true);
    const other = await makeRecord(makeKey());
    const replaced = { ...record, secretHash: other.secretHash };
    assert.equal(await verifier.isSecretOf(parts, replaced), false);
  });

  it('hashes with a salt: equal secrets have unequal hashes', async () => {
    const again = await makeRecord(parts);
    assert.notEqual(again.secretHash, record.secretHash);
    assert.equal(await new KeyVerifier().isSecretOf(parts, again), true);
  });
});
