import { decodeRecord, encodeRecord } from './feature-record.ts';
import type { FeatureStore, StoredRecord } from './feature-store.ts';
import { openOrRecreateStore, type StoreLog } from './open-or-recreate-store.ts';
import { WriteQueue } from './write-queue.ts';

/** Vectors by key (`featureKey`). A cache may lose what was put, but never returns anything else. Processes may share it. */
export interface FeatureCache {
  /** Returns a copy of what was put, or undefined. Never throws. */
  get(key: Uint8Array, width: number): Float32Array | undefined;
  /** Keeps the vector as it is now. Never throws or waits; a vector that cannot be kept is dropped. */
  put(key: Uint8Array, features: Float32Array): void;
  /** Resolves when other processes can get what was put so far. Never rejects. */
  flush(): Promise<void>;
  /** Closes the cache. Later reads are misses. */
  close(): Promise<void>;
}

/** A cache that keeps nothing. */
export const DISABLED_FEATURE_CACHE: FeatureCache = {
  get: () => undefined,
  put: () => {},
  flush: async () => {},
  close: async () => {},
};

export interface FeatureCacheOptions {
  readonly folder: string;
  /** The data file stays near this size. From nine tenths of it on, the oldest records are removed. */
  readonly maxBytes: number;
  /** A record that is read and older than this is written again, so that it counts as new. */
  readonly refreshAfterMs?: number;
  readonly log?: StoreLog;
}

export interface FeatureStats {
  readonly hits: number;
  readonly misses: number;
  /** Records that were not what was put under their keys; each is also a miss */
  readonly damaged: number;
  /** Writes that were not done: too large, too many, not finite, or after the disk was full */
  readonly dropped: number;
  readonly records: number;
  /** Bytes of the pages in use */
  readonly bytes: number;
}

const REFRESH_AFTER_MS = 3600 * 1000;

/** Opens the cache, or DISABLED_FEATURE_CACHE where `maxBytes` is 0. @throws PanelvecError as DiskFeatureCache.open */
export async function openFeatureCache(options: FeatureCacheOptions): Promise<FeatureCache> {
  return options.maxBytes === 0 ? DISABLED_FEATURE_CACHE : DiskFeatureCache.open(options);
}

/** Features in an SQLite file that any number of processes can use at the same time. A thread does the writes. */
export class DiskFeatureCache implements FeatureCache {
  readonly #store: FeatureStore;
  readonly #writer: WriteQueue;
  readonly #refreshAfterMs: number;
  #isOpen = true;
  #counts = { hits: 0, misses: 0, damaged: 0, dropped: 0 };

  private constructor(store: FeatureStore, { maxBytes, refreshAfterMs, log }: FeatureCacheOptions) {
    this.#store = store;
    this.#refreshAfterMs = refreshAfterMs ?? REFRESH_AFTER_MS;
    this.#writer = new WriteQueue({ file: store.file, maxBytes }, (problem, lostWrites) => {
      this.#counts.dropped += lostWrites;
      log?.warn(`nothing more is put into the cache of features before the next start: ${problem}`);
    });
  }

  /** Opens the cache; a damaged one starts empty. @throws PanelvecError config_invalid where the folder cannot be used */
  static async open(options: FeatureCacheOptions): Promise<DiskFeatureCache> {
    const { folder, maxBytes, log } = options;
    return new DiskFeatureCache(await openOrRecreateStore(folder, maxBytes, log), options);
  }

  get(key: Uint8Array, width: number): Float32Array | undefined {
    const features = this.#lookUp(key, width);
    this.#counts[features === undefined ? 'misses' : 'hits']++;
    return features;
  }

  put(key: Uint8Array, features: Float32Array): void {
    const record = encodeRecord(key, features);
    const isQueued = this.#isOpen && record !== undefined && this.#writer.write({ kind: 'put', key, record });
    if (!isQueued) this.#counts.dropped++;
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#writer.close();
    this.#store.close();
  }

  stats(): FeatureStats {
    const [records, bytes] = this.#isOpen ? [this.#store.count(), this.#store.usedBytes()] : [0, 0];
    return { ...this.#counts, records, bytes };
  }

  #lookUp(key: Uint8Array, width: number): Float32Array | undefined {
    if (!this.#isOpen) return undefined;
    const pending = this.#writer.pending(key);
    if (pending !== undefined) return pending.record && decodeRecord(key, pending.record, width);
    const stored = this.#read(key);
    if (stored === undefined) return undefined;
    const { record, writtenAt, age } = stored;
    const features = decodeRecord(key, record, width);
    if (features === undefined) {
      this.#counts.damaged++;
      this.#writer.write({ kind: 'remove', key, age });
    } else if (Date.now() - writtenAt >= this.#refreshAfterMs) {
      this.#writer.write({ kind: 'put', key, record });
    }
    return features;
  }

  #read(key: Uint8Array): StoredRecord | undefined {
    try {
      return this.#store.get(key);
    } catch {
      // The page is damaged, or the disk fails. A miss does no harm.
      return undefined;
    }
  }
}
