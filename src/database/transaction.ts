import type pg from 'pg';

/** Something that queries can be sent to: the pool, or a connection inside a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

/** Runs queries in a transaction on a connection of the pool. A connection that broke does not go back to the pool. */
export async function runTransaction<T>(pool: pg.Pool, run: (queries: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let connectionError: Error | undefined;
  // The pool does not listen while the client is in use, and an error event without a listener ends the process.
  const onError = (error: Error) => {
    connectionError = error;
  };
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await run(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      connectionError = rollbackError;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(connectionError);
  }
}
