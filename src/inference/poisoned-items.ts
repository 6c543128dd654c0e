import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { PanelvecError } from '../errors.ts';
import type { EngineItem } from './engine-types.ts';

const MAX_ITEMS = 1000;

/** Panels that ended their engine again and again, by the hash of their contents. They are refused for a time. */
export class PoisonedItems {
  readonly #hashes: LRUCache<string, true> | undefined;

  /** @param seconds 0 to forget them at once */
  constructor(seconds: number) {
    this.#hashes =
      seconds === 0 ? undefined : new LRUCache({ max: MAX_ITEMS, ttl: seconds * 1000, ttlAutopurge: true });
  }

  add(item: EngineItem): void {
    this.#hashes?.set(hashContents(item), true);
  }

  /** Costs nothing as long as there are none. */
  has(item: EngineItem): boolean {
    return this.#hashes !== undefined && this.#hashes.size > 0 && this.#hashes.has(hashContents(item));
  }
}

/** A hash of what encoders and head get, whatever is asked of them. */
function hashContents({ pixels, tokens, composition, known }: EngineItem): string {
  const hash = createHash('sha256');
  for (const array of [pixels, tokens, composition, known?.text, ...Object.values(known?.vision ?? {})]) {
    hash.update(`${array?.constructor.name} ${array?.byteLength};`);
    if (array) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('base64');
}

export function poisonedError(cause?: unknown): PanelvecError {
  return new PanelvecError('poisoned_input', 'the engine ends each time it computes this panel', { cause });
}
