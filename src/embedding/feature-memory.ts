import { LRUCache } from 'lru-cache';
import { type ErrorCode, PanelvecError } from '../errors.ts';
import { isFiniteVector } from '../util/vectors.ts';

/** Vectors that encoders make of one input, by the name of the encoder. */
export type Features = Readonly<Record<string, Float32Array>>;

/** What an entry takes beside its vectors and its key. */
const ENTRY_BYTES = 300;
/** Errors that everybody with the same content would get. Others are of the caller: a deadline, a connection that ended. */
const CONTENT_ERRORS: ReadonlySet<ErrorCode> = new Set(['image_unreadable', 'inference_failed', 'poisoned_input']);

/** All features are known. */
export interface KnownFeatures {
  readonly kind: 'known';
  readonly known: ReadonlyMap<string, Features>;
}

/** Others compute what is missing. */
export interface AwaitedFeatures {
  readonly kind: 'awaited';
  /** Resolves when to claim again. @throws PanelvecError without a field, where the content itself is at fault */
  readonly settled: Promise<void>;
}

/** The caller computes what is missing, and must call `finish` or `fail`: others may wait for it. */
export interface ClaimedFeatures {
  readonly kind: 'claimed';
  readonly known: ReadonlyMap<string, Features>;
  finish(computed: ReadonlyMap<string, Features>): void;
  fail(error: unknown): void;
}

export type FeatureClaim = KnownFeatures | AwaitedFeatures | ClaimedFeatures;

export interface FeatureMemoryStats {
  /** Inputs whose features were known or were being computed for another panel */
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
}

/**
 * The features that were computed last, in memory, and those that are being computed: equal inputs are computed once, whichever
 * requests they belong to.
 */
export class FeatureMemory {
  readonly #finished: LRUCache<string, Features> | undefined;
  readonly #computing = new Map<string, Promise<void>>();
  #hits = 0;
  #misses = 0;

  /** @param maxBytes 0 to keep and share nothing */
  constructor(maxBytes: number) {
    this.#finished = maxBytes === 0 ? undefined : new LRUCache({ maxSize: maxBytes, sizeCalculation: sizeOf });
  }

  get isEnabled(): boolean {
    return this.#finished !== undefined;
  }

  get stats(): FeatureMemoryStats {
    return { hits: this.#hits, misses: this.#misses, bytes: this.#finished?.calculatedSize ?? 0 };
  }

  /**
   * Asks for the features of all inputs of a panel. A panel of which anything must be computed waits for nothing, so that no two
   * panels wait for each other.
   */
  claim(keys: readonly string[]): FeatureClaim {
    const finished = this.#finished;
    if (finished === undefined) return { kind: 'claimed', known: new Map(), finish: () => {}, fail: () => {} };
    const known = new Map<string, Features>();
    for (const key of keys) {
      const features = finished.get(key);
      if (features !== undefined) known.set(key, features);
    }
    const missing = keys.filter((key) => !known.has(key));
    const computing = missing.flatMap((key) => this.#computing.get(key) ?? []);
    if (missing.length > 0 && computing.length === missing.length) {
      const settled = Promise.all(computing).then(() => {});
      // Who asks may fail before it waits. Without a listener, the error of the other panel would end the process.
      settled.catch(() => {});
      return { kind: 'awaited', settled };
    }
    this.#hits += known.size;
    this.#misses += missing.length;
    if (missing.length === 0) return { kind: 'known', known };
    return this.#compute(known, missing, finished);
  }

  #compute(
    known: ReadonlyMap<string, Features>,
    missing: readonly string[],
    finished: LRUCache<string, Features>,
  ): ClaimedFeatures {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Mostly nobody waits.
    promise.catch(() => {});
    const own = missing.filter((key) => !this.#computing.has(key));
    for (const key of own) this.#computing.set(key, promise);
    const end = () => {
      for (const key of own) this.#computing.delete(key);
    };
    return {
      kind: 'claimed',
      known,
      finish: (computed) => {
        for (const [key, features] of computed) keep(finished, key, features);
        end();
        resolve();
      },
      fail: (error) => {
        end();
        // With two inputs, nobody knows which one was at fault.
        if (missing.length === 1 && error instanceof PanelvecError && CONTENT_ERRORS.has(error.code))
          reject(new PanelvecError(error.code, error.message, { cause: error }));
        else resolve();
      },
    };
  }
}

/** Keeps a copy: the vectors are parts of larger messages. A computation that failed once must not be kept. */
function keep(finished: LRUCache<string, Features>, key: string, features: Features): void {
  const entries = Object.entries(features);
  if (!entries.every(([, vector]) => isFiniteVector(vector))) return;
  finished.set(key, Object.fromEntries(entries.map(([name, vector]) => [name, vector.slice()])));
}

function sizeOf(features: Features, key: string): number {
  const vectorBytes = Object.values(features).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return vectorBytes + key.length + ENTRY_BYTES;
}
