import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { firstLine, PanelvecError } from '../errors.ts';
import { type DatabaseAddress, embeddedAddress } from './database-address.ts';
import { runMigrations } from './migrations.ts';
import type { Queryable } from './queryable.ts';

const MAX_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 5000;
/** Nothing that is sent from here takes a second. What takes longer has lost its server, or its client holds a lock. */
const TIMEOUTS = {
  keepAlive: true,
  query_timeout: 20_000,
  lock_timeout: 15_000,
  idle_in_transaction_session_timeout: 15_000,
};
const RETRY_DELAY_MS = 250;

export interface DatabaseSettings {
  /** A PostgreSQL server; the embedded database of the home where it is undefined */
  readonly url: string | undefined;
  readonly home: string;
}

/** Connections to PostgreSQL, real or embedded: from here on there is no difference. */
export class Database implements Queryable {
  readonly #isEmbedded: boolean;
  readonly #pool: pg.Pool;

  /** Connects when the first query is sent. */
  constructor({ url, home }: DatabaseSettings, log: Logger) {
    const address: DatabaseAddress = url === undefined ? embeddedAddress(home) : { connectionString: url };
    this.#isEmbedded = url === undefined;
    this.#pool = new pg.Pool({
      ...address,
      ...TIMEOUTS,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    // A connection that breaks while nobody uses it; the pool makes another.
    this.#pool.on('error', (error) => log.warn({ problem: firstLine(error) }, 'a connection to the database broke'));
  }

  /**
   * Brings the tables up to date. Waits for a database that is just starting.
   * @throws PanelvecError config_invalid where none answers in `patienceMs`
   */
  async migrate(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        await this.transaction(runMigrations);
        return;
      } catch (cause) {
        if (performance.now() < deadline && isTransientError(cause)) {
          await delay(RETRY_DELAY_MS);
          continue;
        }
        const setting = this.#isEmbedded
          ? 'DATABASE_URL is not set, and no service runs in PANELVEC_HOME'
          : 'DATABASE_URL';
        throw new PanelvecError('config_invalid', `${setting}: no database: ${firstLine(cause)}`, { cause });
      }
    }
  }

  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>> {
    return this.#pool.query<Row>(text, values);
  }

  /** All of the work or none of it. */
  async transaction<T>(run: (queries: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let connectionError: Error | undefined;
    // The pool does not listen while the client is ours, and an error that nobody hears ends the process.
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

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** SQLSTATE classes of a server that is not there or not ready: connection exceptions, operator intervention, resources, locks that
 * are not given, transactions that stood still too long. */
const TRANSIENT_STATES = /^(08|57P|53|55P03|25P03)/;

/** Whether trying again later may help, with nothing else changed. */
export function isTransientError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && TRANSIENT_STATES.test(code)) return true;
  if (['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'].includes(code ?? ''))
    return true;
  return /connection terminated|timeout exceeded|timeout expired|read timeout|not queryable|connection error/i.test(
    error.message,
  );
}
