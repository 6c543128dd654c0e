import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { ServiceDatabase } from '../database/service-database.ts';
import { firstLine, PanelvecError } from '../errors.ts';
import { withinTime } from '../util/within-time.ts';
import {
  type AuditAction,
  type AuditFilter,
  type AuditLine,
  insertAuditLine,
  listAuditLines,
} from './audit-records.ts';

/** Who does something. */
export interface AuditCaller {
  readonly keyId: string | null;
  readonly name: string;
}

/** For what the service does by itself */
export const SERVICE: AuditCaller = { keyId: null, name: 'service' };
/** For commands that write to the database themselves */
export const COMMAND_LINE: AuditCaller = { keyId: null, name: 'command line' };

export interface AuditEvent {
  readonly caller: AuditCaller;
  readonly action: AuditAction;
  /** The id or name of what was changed */
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly requestId?: string;
}

/** Beyond it the oldest lines are in the log only. */
const MAX_WAITING_LINES = 10_000;
const RETRY_DELAY_MS = 1000;
const STOP_TIMEOUT_MS = 3000;

export function toAuditLine({ caller, action, subject, detail, requestId }: AuditEvent): AuditLine {
  return {
    id: randomUUID(),
    created_at: new Date(),
    key_id: caller.keyId,
    caller: caller.name,
    action,
    subject,
    detail: detail ?? null,
    request_id: requestId ?? null,
  };
}

/**
 * The audit of a service: a line in its log at once, and a row in its database. What is recorded has happened already, so a
 * database that is away fails nothing: its rows wait in memory until it is back.
 */
export class Audit {
  readonly #database: ServiceDatabase;
  readonly #log: Logger;
  readonly #waiting: AuditLine[] = [];
  #writing: Promise<void> | undefined;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(database: ServiceDatabase, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  record(event: AuditEvent): void {
    const line = toAuditLine(event);
    const { id: _, created_at: __, ...fields } = line;
    this.#log.info({ audit: true, ...fields }, `${line.caller}: ${line.action} ${line.subject}`);
    if (!this.#database.isEnabled) return;
    if (this.#waiting.length >= MAX_WAITING_LINES) {
      this.#waiting.shift();
      this.#log.error('too many audit lines wait for the database: the oldest is in the log only');
    }
    this.#waiting.push(line);
    // While the database is away, the timer tries again.
    if (this.#retryTimer === undefined) this.#startWriting();
  }

  /** Lists lines, the newest first. @throws PanelvecError database_off, database_unavailable */
  list(filter: AuditFilter): Promise<{ lines: AuditLine[]; more: boolean }> {
    return this.#database.use((database) => listAuditLines(database, filter));
  }

  /** Writes what waits, if the database takes it within seconds. Called before the database stops. */
  async stop(): Promise<void> {
    await withinTime(this.#writeTwice(), STOP_TIMEOUT_MS).catch(() => {});
    clearTimeout(this.#retryTimer);
    const { length } = this.#waiting;
    if (length > 0)
      this.#log.error({ lines: length }, 'the database is away: the last audit lines are in the log only');
  }

  /** The first attempt may have begun on a connection that broke. */
  async #writeTwice(): Promise<void> {
    await this.#writing;
    this.#startWriting();
    await this.#writing;
  }

  #startWriting(): void {
    this.#writing ??= this.#writeWaiting().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeWaiting(): Promise<void> {
    for (let line = this.#waiting[0]; line !== undefined; line = this.#waiting[0]) {
      try {
        await this.#database.use((database) => insertAuditLine(database, line as AuditLine));
      } catch (error) {
        if (error instanceof PanelvecError && error.code === 'database_unavailable') {
          this.#retryLater(error);
          return;
        }
        this.#log.error({ err: error }, 'the database refuses an audit line, which is in the log only');
      }
      // Meanwhile it may have made room for another.
      if (this.#waiting[0] === line) this.#waiting.shift();
    }
  }

  #retryLater(error: PanelvecError): void {
    this.#log.warn({ lines: this.#waiting.length }, `audit lines wait for the database: ${firstLine(error)}`);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#startWriting();
    }, RETRY_DELAY_MS).unref();
  }
}
