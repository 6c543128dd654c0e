import { decodeRecord, encodeRecord } from './feature-record.ts';
import { endRead, type FeatureStore, STAMP_BYTES, statsOf, usedBytes } from './feature-store.ts';
import { openSoundStore, storeFolder } from './sound-store.ts';
import { writtenAt } from './store-writes.ts';
import { Writer } from './writer.ts';

/** Vectors by their keys (featureKey), kept as long as there is room. It may forget, fail and be shared, but never lies. */
export interface Features {
  /** A copy of what was put, or undefined. Never throws. */
  get(key: Uint8Array, width: number): Float32Array | undefined;
  /** Keeps the vector as it is now. Never throws or waits; what cannot be kept is dropped. */
  put(key: Uint8Array, features: Float32Array): void;
  /** Resolves when other processes can get what was put so far. Never rejects. */
  flush(): Promise<void>;
  /** After this, everything misses. */
  close(): Promise<void>;
}

/** A cache of nothing. */
export const NO_FEATURES: Features = {
  get: () => undefined,
  put: () => {},
  flush: async () => {},
  close: async () => {},
};

export interface FeatureCacheOptions {
  readonly folder: string;
  /** The data file stays near this. Records are dropped, the oldest first, from four fifths of it on. */
  readonly maxBytes: number;
  /** A record that is got is young again, but at most this often: it is written anew. */
  readonly refreshAfterMs?: number;
  readonly log?: { warn(message: string): void };
}

export interface FeatureStats {
  readonly hits: number;
  readonly misses: number;
  /** Records that were not what was put under their keys; each was a miss, too. */
  readonly damaged: number;
  /** Writes that came to nothing: too large or too many, not finite, or since the disk was full. */
  readonly dropped: number;
  readonly records: number;
  /** Of the pages in use. */
  readonly bytes: number;
}

const REFRESH_AFTER_MS = 3600 * 1000;

/** Opens the cache, or NO_FEATURES where it may have no bytes. @throws PanelvecError as FeatureCache.open */
export async function openFeatures(options: FeatureCacheOptions): Promise<Features> {
  return options.maxBytes === 0 ? NO_FEATURES : FeatureCache.open(options);
}

/** Features in an LMDB file, for any number of processes at the same time. Reads here, writes on a thread. */
export class FeatureCache implements Features {
  readonly #store: FeatureStore;
  readonly #writer: Writer;
  readonly #refreshAfterMs: number;
  #open = true;
  #counts = { hits: 0, misses: 0, damaged: 0, dropped: 0 };

  private constructor(store: FeatureStore, { folder, maxBytes, refreshAfterMs, log }: FeatureCacheOptions) {
    this.#store = store;
    this.#refreshAfterMs = refreshAfterMs ?? REFRESH_AFTER_MS;
    this.#writer = new Writer({ folder: storeFolder(folder), maxBytes }, (problem, lost) => {
      this.#counts.dropped += lost;
      log?.warn(`nothing more is put into the cache of features before the next start: ${problem}`);
    });
  }

  /** @throws PanelvecError config_invalid where the folder cannot be used; a damaged cache starts anew */
  static async open(options: FeatureCacheOptions): Promise<FeatureCache> {
    const { folder, maxBytes, log } = options;
    return new FeatureCache(await openSoundStore(folder, maxBytes, (message) => log?.warn(message)), options);
  }

  get(key: Uint8Array, width: number): Float32Array | undefined {
    const features = this.#find(key, width);
    this.#counts[features === undefined ? 'misses' : 'hits']++;
    return features;
  }

  put(key: Uint8Array, features: Float32Array): void {
    const record = encodeRecord(key, features);
    const kept = this.#open && record !== undefined && this.#writer.write({ kind: 'put', key, record });
    if (!kept) this.#counts.dropped++;
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#writer.close();
    await this.#store.environment.close();
  }

  stats(): FeatureStats {
    const [records, bytes] = this.#open ? [statsOf(this.#store.records).entryCount, usedBytes(this.#store)] : [0, 0];
    return { ...this.#counts, records, bytes };
  }

  #find(key: Uint8Array, width: number): Float32Array | undefined {
    if (!this.#open) return undefined;
    const waiting = this.#writer.waiting(key);
    if (waiting !== undefined) return waiting.record && decodeRecord(key, waiting.record, width);
    const found = this.#read(key);
    if (found === undefined) return undefined;
    const record = found.subarray(STAMP_BYTES);
    const features = decodeRecord(key, record, width);
    if (features === undefined) {
      this.#counts.damaged++;
      this.#writer.write({ kind: 'remove', key, found });
    } else if (Date.now() - writtenAt(found) >= this.#refreshAfterMs) {
      this.#writer.write({ kind: 'put', key, record });
    }
    return features;
  }

  #read(key: Uint8Array): Buffer | undefined {
    const { records } = this.#store;
    try {
      return records.get(Buffer.from(key.buffer, key.byteOffset, key.byteLength));
    } catch {
      // No slot for another reader, or a tree that is damaged: the work goes on without.
      return undefined;
    } finally {
      endRead(records);
    }
  }
}
