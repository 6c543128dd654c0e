import type { Logger } from 'pino';
import type { ServiceDatabase } from '../database/service-database.ts';
import { withinTime } from '../util/within-time.ts';

const MINUTE_MS = 60_000;
/** A request waits no longer than this to be counted. */
const COUNT_TIMEOUT_MS = 1000;
const RETRY_DELAY_MS = 5000;

/** Requests of a key in this minute, and how much of it is left. */
export interface RequestCount {
  readonly requests: number;
  readonly msLeft: number;
}

/**
 * Counts the requests of keys by the minutes of the clock. Services that share a PostgreSQL server share the counts and its clock.
 * The embedded database has one service, which counts in memory; so does each one whose server does not answer, because limits
 * must refuse nobody by mistake.
 */
export class RequestCounter {
  readonly #database: ServiceDatabase;
  readonly #log: Logger;
  readonly #isShared: boolean;
  #retryAt = 0;
  #minute = 0;
  /** By key, in this minute */
  readonly #counts = new Map<string, number>();

  constructor(database: ServiceDatabase, log: Logger) {
    this.#database = database;
    this.#log = log;
    this.#isShared = database.isEnabled && !database.database.isEmbedded;
  }

  /** Counts one more request. Never rejects. */
  async count(keyId: string): Promise<RequestCount> {
    if (!this.#isShared || performance.now() < this.#retryAt) return this.#countHere(keyId);
    try {
      return await withinTime(this.#countTogether(keyId), COUNT_TIMEOUT_MS);
    } catch (err) {
      this.#retryAt = performance.now() + RETRY_DELAY_MS;
      this.#log.warn({ err }, 'requests of keys cannot be counted in the database: this service counts its own');
      return this.#countHere(keyId);
    }
  }

  #countHere(keyId: string): RequestCount {
    const now = Date.now();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#counts.clear();
    }
    const requests = (this.#counts.get(keyId) ?? 0) + 1;
    this.#counts.set(keyId, requests);
    return { requests, msLeft: MINUTE_MS - (now % MINUTE_MS) };
  }

  async #countTogether(keyId: string): Promise<RequestCount> {
    const { rows } = await this.#database.use((database) =>
      database.query<{ requests: number; epoch: number }>(
        `INSERT INTO panelvec.key_minutes AS counted (key_id, minute, requests)
         VALUES ($1, floor(extract(epoch FROM now()) / 60), 1)
         ON CONFLICT (key_id) DO UPDATE SET
           requests = CASE WHEN counted.minute = excluded.minute THEN counted.requests + 1 ELSE 1 END,
           minute = excluded.minute
         RETURNING requests, extract(epoch FROM now())::double precision AS epoch`,
        [keyId],
      ),
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the database has counted nothing');
    return { requests: row.requests, msLeft: MINUTE_MS - (Math.floor(row.epoch * 1000) % MINUTE_MS) };
  }
}
