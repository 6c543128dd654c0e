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

/** Rows of one INSERT. An embedded database does nothing else meanwhile. */
export function rowsPerStatement({ isEmbedded }: Kind): number {
  return isEmbedded ? 10 : 200;
}

/** The statement that makes the HNSW index of a table of panels. */
export function createVectorIndex(kind: Kind, shape: Shape, table: string, indexName: string): string {
  const operators = kind.isEmbedded ? 'vector_cosine_ops' : 'halfvec_cosine_ops';
  return `CREATE INDEX IF NOT EXISTS ${indexName} ON ${table} USING hnsw (${indexedVector(kind, shape)} ${operators})`;
}
