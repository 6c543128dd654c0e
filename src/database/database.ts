import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { firstLine, PanelvecError } from '../errors.ts';
import { type DatabaseAddress, embeddedAddress, type LocalSockets } from './database-address.ts';
import { JOB_MIGRATIONS, type Migrations, runMigrations } from './migrations.ts';
import { traceQueries, traceQuery, traceTransaction } from './query-spans.ts';
import { runLong } from './run-long.ts';
import { type Queryable, runTransaction } from './transaction.ts';

const MAX_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 5000;
/** No query from here takes a second. One that takes longer has lost its server, or waits for a lock of a client that hangs. */
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
  /** How to reach the embedded database */
  readonly localSockets: LocalSockets;
}

/** Connections to PostgreSQL, a server or the embedded database. Callers need not know which. */
export class Database implements Queryable {
  readonly isEmbedded: boolean;
  readonly #pool: pg.Pool;
  readonly #address: DatabaseAddress;

  /** Connects with the first query. */
  constructor({ url, home, localSockets }: DatabaseSettings, log: Logger) {
    const address: DatabaseAddress =
      url === undefined ? embeddedAddress(home, localSockets) : { connectionString: url };
    this.isEmbedded = url === undefined;
    this.#address = address;
    this.#pool = new pg.Pool({
      ...address,
      ...TIMEOUTS,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    // An idle connection broke. The pool opens another.
    this.#pool.on('error', (err) => log.warn({ err }, 'a connection to the database broke'));
  }

  /**
   * Brings the tables up to date, those of jobs by default. Waits for a database that is just starting.
   * @throws PanelvecError config_invalid where none answers in `timeoutMs`
   */
  async migrate(timeoutMs: number, migrations: Migrations = JOB_MIGRATIONS): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        await this.transaction((queries) => runMigrations(queries, migrations));
        return;
      } catch (cause) {
        if (performance.now() < deadline && isTransientError(cause)) {
          await delay(RETRY_DELAY_MS);
          continue;
        }
        const problem = this.isEmbedded
          ? 'DATABASE_URL is not set, and no service with an embedded database runs in PANELVEC_HOME'
          : 'cannot connect to the database of DATABASE_URL';
        throw new PanelvecError('config_invalid', `${problem}: ${firstLine(cause)}`, { cause });
      }
    }
  }

  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>> {
    return traceQuery(text, () => this.#pool.query<Row>(text, values));
  }

  /** Runs queries in a transaction: all of them take effect, or none. */
  transaction<T>(run: (queries: Queryable) => Promise<T>): Promise<T> {
    return traceTransaction(() => runTransaction(this.#pool, (queries) => run(traceQueries(queries))));
  }

  /**
   * Runs statements that may take hours, on a connection of their own. The server ends them when the signal is aborted, or soon
   * after this process is gone.
   * @throws the signal's reason
   */
  runLong<T>(run: (queries: Queryable) => Promise<T>, signal: AbortSignal): Promise<T> {
    return runLong(this.#address, this.#pool, (queries) => run(traceQueries(queries)), signal);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/**
 * SQLSTATE classes of errors that pass: the server is away or not ready (connection exceptions, operator intervention,
 * insufficient resources), a lock was not available, a transaction was idle for too long.
 */
const TRANSIENT_STATES = /^(08|57P|53|55P03|25P03)/;

/** EPROTO: the embedded database ended, and its port belongs to another process until it has started again. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'EPROTO',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

const RETRY_AFTER_SECONDS = 5;

/** Runs an operation. @throws PanelvecError database_unavailable where the database is unreachable, so that a client may retry */
export async function namingUnavailable<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (!isTransientError(cause)) throw cause;
    throw new PanelvecError('database_unavailable', `the database is unreachable: ${firstLine(cause)}`, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause,
    });
  }
}

/** The SQLSTATE of an error of PostgreSQL, or the code of an error of the system; undefined for others. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** Whether the same query may succeed later. */
export function isTransientError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = sqlStateOf(error);
  if (code !== undefined && TRANSIENT_STATES.test(code)) return true;
  if (TRANSIENT_CODES.has(code ?? '')) return true;
  return /connection terminated|timeout exceeded|timeout expired|read timeout|not queryable|connection error/i.test(
    error.message,
  );
}
