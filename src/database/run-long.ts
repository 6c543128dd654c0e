import pg from 'pg';
import type { DatabaseAddress } from './database-address.ts';
import type { Queryable } from './transaction.ts';

const CONNECT_TIMEOUT_MS = 5000;

/** Runs statements without a limit of time on a connection of their own. @param pool where the request to end them is sent */
export async function runLong<T>(
  address: DatabaseAddress,
  pool: Queryable,
  run: (queries: Queryable) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const client = new pg.Client({ ...address, keepAlive: true, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // An error event without a listener ends the process; the running query fails with the same error.
  client.on('error', () => {});
  await client.connect();
  let cancelling: Promise<unknown> | undefined;
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    // Without it a server notices that its client is gone only when it has something to say. Old ones, and some systems, lack it.
    await client.query("SET client_connection_check_interval = '1s'").catch(() => {});
    const cancel = () => {
      cancelling = pool.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => {});
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      signal.throwIfAborted();
      return await run(client);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  } finally {
    await cancelling;
    await client.end();
  }
}
