import type { Database } from '../database/database.ts';
import type { Collection } from './collection.ts';

type Shape = Pick<Collection, 'dimensions'>;
type Kind = Pick<Database, 'isEmbedded'>;

/**
 * The expression over a row that the HNSW index is made of: a search must order by the same. WebAssembly has no instructions
 * for half floats, so an index over them is five times slower to make in the embedded database (0025-vector-index.md).
 */
export function indexedVector({ isEmbedded }: Kind, { dimensions }: Shape): string {
  return isEmbedded ? `(embedding::vector(${dimensions}))` : 'embedding';
}

/** The type that the vector of a query is cast to, for a comparison with `indexedVector`. */
export function queryType({ isEmbedded }: Kind, { dimensions }: Shape): string {
  return isEmbedded ? `vector(${dimensions})` : `halfvec(${dimensions})`;
}

/**
 * Whether rows go into an index that is there already. A server makes the index faster when all rows are there; in the embedded
 * database that one statement would block every search until it is done.
 */
export function isIndexedFirst({ isEmbedded }: Kind): boolean {
  return isEmbedded;
}

/** The widest vectors that pgvector indexes: those of `vector` have twice the size of `halfvec`. */
export function maxIndexedDimensions({ isEmbedded }: Kind): number {
  return isEmbedded ? 2000 : 4000;
}

/** Rows of one INSERT. An embedded database does nothing else meanwhile. */
export function rowsPerStatement({ isEmbedded }: Kind): number {
  return isEmbedded ? 10 : 200;
}

/** The statement that makes the HNSW index of a table of panels. */
export function createVectorIndex(kind: Kind, shape: Shape, table: string, indexName: string): string {
  const operators = kind.isEmbedded ? 'vector_cosine_ops' : 'halfvec_cosine_ops';
  return `CREATE INDEX IF NOT EXISTS ${indexName} ON ${table} USING hnsw (${indexedVector(kind, shape)} ${operators})`;
}

const BYTES_PER_HALF = 2;
/** Neighbours of a vector and what stands around it, while an index is made in memory: 720 were measured */
const GRAPH_BYTES = 760;
const [MIN_MEMORY_KB, MAX_MEMORY_KB] = [64 << 10, 2 << 20];

/** Kilobytes that a server needs to make an index over that many vectors in memory, within bounds. */
export function vectorIndexMemory({ dimensions }: Shape, vectors: number): number {
  const kilobytes = Math.ceil((vectors * (dimensions * BYTES_PER_HALF + GRAPH_BYTES)) / 1024);
  return Math.min(MAX_MEMORY_KB, Math.max(MIN_MEMORY_KB, kilobytes));
}
