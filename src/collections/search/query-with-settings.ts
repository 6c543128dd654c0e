import type { QueryResult, QueryResultRow } from 'pg';
import type { Queryable } from '../../database/transaction.ts';

/** Settings of PostgreSQL for one statement, by name. */
export type StatementSettings = Readonly<Record<string, string | number>>;

/**
 * Runs a statement with settings that hold for it alone. All goes in one message, which PostgreSQL runs as one transaction:
 * clients of the embedded database share a session, and none of them waits for the next message of a transaction. Such a
 * message takes no parameters, so values are literals of the statement.
 */
export async function queryWithSettings<Row extends QueryResultRow>(
  database: Queryable,
  settings: StatementSettings,
  statement: string,
): Promise<Row[]> {
  const assignments = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${value}`);
  // Of several statements, node-postgres gives a list of results.
  const results: unknown = await database.query<Row>([...assignments, statement].join(';\n'));
  const last = [results].flat().at(-1) as QueryResult<Row>;
  return last.rows;
}
