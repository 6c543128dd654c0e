import type { BufferLimits } from './shared-buffers.ts';

/** Without a bound, V8 takes a hundred megabytes for the short-lived objects of a few thousand queries. They are no faster for it. */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=8';

/** How an embedded database is run. */
interface EmbeddedKindSettings {
  readonly sharedBuffers: BufferLimits;
  /** Whether it has the extension pgvector */
  readonly hasVectors: boolean;
  /** Of a process that has no other database */
  readonly nodeOptions: readonly string[];
}

/**
 * What embedded databases are for: the queue of jobs, and collections of vectors. They are two, because a query blocks the only
 * session of its database: a search must not delay the lease of a task.
 */
export const EMBEDDED_KINDS = {
  jobs: {
    // The default of 128 MB is too much for a database of a few (0016-embedded-database.md).
    sharedBuffers: { min: 8, max: 8 },
    hasVectors: false,
    // V8's baseline compiler alone. The optimising one needs half a gigabyte at its peak for the 9 MB of WebAssembly, and our
    // short queries are no faster with it (0016-embedded-database.md).
    nodeOptions: ['--liftoff-only', SMALL_YOUNG_GENERATION],
  },
  collections: {
    // A search reads a thousand pages of its index, and each that is not in here costs a call out of WebAssembly. The most are those
    // of a hundred thousand panels (0025-vector-index.md).
    sharedBuffers: { min: 32, max: 512 },
    hasVectors: true,
    // Distances take twice as long with the baseline compiler.
    nodeOptions: [SMALL_YOUNG_GENERATION],
  },
} as const satisfies Record<string, EmbeddedKindSettings>;

export type EmbeddedKind = keyof typeof EMBEDDED_KINDS;
