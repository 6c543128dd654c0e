import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { KeyRecord } from './key-records.ts';
import { type KeyParts, secretTag } from './key-text.ts';
import { isSecretOf } from './secret-hash.ts';

const MAX_VERIFIED_KEYS = 10_000;

/** Tells whether a secret is that of a key. The slow hash runs once for each key, and for one key at a time. */
export class KeyVerifier {
  /** By the hash of a secret, the hash in the record that it was compared to */
  readonly #verified = new LRUCache<string, string>({ max: MAX_VERIFIED_KEYS });
  readonly #running = new Map<string, Promise<boolean>>();
  readonly #runAlone = pLimit(1);

  async isSecretOf({ id, secret }: KeyParts, record: KeyRecord): Promise<boolean> {
    if (secretTag(secret) !== record.secretTag) return false;
    const digest = createHash('sha256').update(`${id}:${secret}`).digest('hex');
    if (this.#verified.get(digest) === record.secretHash) return true;
    const runs = this.#running.get(digest) ?? this.#run(digest, secret, record.secretHash);
    return runs;
  }

  #run(digest: string, secret: string, secretHash: string): Promise<boolean> {
    const run = this.#runAlone(() => isSecretOf(secret, secretHash))
      .then((isEqual) => {
        if (isEqual) this.#verified.set(digest, secretHash);
        return isEqual;
      })
      .finally(() => this.#running.delete(digest));
    this.#running.set(digest, run);
    return run;
  }
}
