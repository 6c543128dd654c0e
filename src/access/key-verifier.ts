import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { KeyRecord } from './key-records.ts';
import { type KeyParts, secretTag } from './key-text.ts';
import { isSecretOf } from './secret-hash.ts';

const MAX_VERIFIED_KEYS = 10_000;

/**
 * Tells whether a secret is that of a key. The slow hash runs once for each key, and one at a time. Secrets that are sent for one
 * key wait for each other first, so that somebody who guesses those of a key holds up that key alone.
 */
export class KeyVerifier {
  /** By the hash of a secret, the hash in the record that it was compared to */
  readonly #verified = new LRUCache<string, string>({ max: MAX_VERIFIED_KEYS });
  readonly #running = new Map<string, Promise<boolean>>();
  readonly #runAlone = pLimit(1);
  /** By the id of a key, the end of its last run that waits */
  readonly #lastRuns = new Map<string, Promise<unknown>>();

  async isSecretOf({ id, secret }: KeyParts, record: KeyRecord): Promise<boolean> {
    if (secretTag(secret) !== record.secretTag) return false;
    const digest = createHash('sha256').update(`${id}:${secret}`).digest('hex');
    if (this.#verified.get(digest) === record.secretHash) return true;
    return this.#running.get(digest) ?? this.#run(digest, { id, secret }, record.secretHash);
  }

  #run(digest: string, { id, secret }: KeyParts, secretHash: string): Promise<boolean> {
    const run = this.#runAfterOthersOf(id, () => isSecretOf(secret, secretHash))
      .then((isEqual) => {
        if (isEqual) this.#verified.set(digest, secretHash);
        return isEqual;
      })
      .finally(() => this.#running.delete(digest));
    this.#running.set(digest, run);
    return run;
  }

  #runAfterOthersOf<T>(id: string, operation: () => Promise<T>): Promise<T> {
    const run = (this.#lastRuns.get(id) ?? Promise.resolve()).then(() => this.#runAlone(operation));
    const end = run
      .catch(() => {})
      .then(() => {
        if (this.#lastRuns.get(id) === end) this.#lastRuns.delete(id);
      });
    this.#lastRuns.set(id, end);
    return run;
  }
}
