import type pg from 'pg';
import { isTracing, withSpan } from '../tracing/tracing.ts';
import type { Queryable } from './transaction.ts';

const SYSTEM = { 'db.system.name': 'postgresql' } as const;
/** The verb and the first table of a statement. Texts and values of queries are in no span. */
const VERB = /\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|ANALYZE)\b/i;
/** With its schema: what else may follow such a word is in a value. */
const TABLE = /\b(?:FROM|INTO|UPDATE|TABLE)\s+(panelvec\w*\.\w+)/i;

/** Runs a statement as a span below the active one. */
export function traceQuery<Row extends pg.QueryResultRow>(
  text: string,
  run: () => Promise<pg.QueryResult<Row>>,
): Promise<pg.QueryResult<Row>> {
  if (!isTracing()) return run();
  const verb = (VERB.exec(text)?.[0] ?? 'query').toUpperCase();
  const table = TABLE.exec(text)?.[1];
  const summary = table === undefined ? verb : `${verb} ${table}`;
  const attributes = { ...SYSTEM, 'db.operation.name': verb, 'db.query.summary': summary };
  return withSpan(summary, attributes, run, 'client');
}

export function traceTransaction<T>(run: () => Promise<T>): Promise<T> {
  return isTracing() ? withSpan('transaction', SYSTEM, run) : run();
}

/** A connection whose statements are spans. */
export function traceQueries(queries: Queryable): Queryable {
  if (!isTracing()) return queries;
  return { query: (text, values) => traceQuery(text, () => queries.query(text, values)) };
}
