import type { Logger } from 'pino';
import type { ServiceDatabase } from '../database/service-database.ts';
import { PanelvecError } from '../errors.ts';
import { withinTime } from '../util/within-time.ts';
import { addUsage, readUsage } from './day-usage.ts';
import type { KeyLimits, LimitObserver } from './key-limits.ts';

const WRITE_INTERVAL_MS = 1000;
const STOP_TIMEOUT_MS = 3000;

/** What a key has used of a day: what all services have written, as far as it was read, and what waits here. */
interface Usage {
  readonly keyId: string;
  readonly day: string;
  written: number;
  beingWritten: number;
  unwritten: number;
}

/** Who has a quota. */
export interface QuotaOwner {
  readonly keyId: string;
  readonly name: string;
  readonly limits: Pick<KeyLimits, 'panelsPerDay'>;
}

/**
 * Counts the panels that keys embed in a day, for all services of a database. Each writes what it has counted and reads what the
 * others have written every second, so a key may exceed its quota by what other services embed within seconds. A connection
 * that breaks while it is written to may make a second count twice.
 */
export class PanelQuotas {
  readonly #database: ServiceDatabase;
  readonly #observer: LimitObserver;
  readonly #log: Logger;
  readonly #now: () => Date;
  /** By day and key */
  readonly #usages = new Map<string, Usage>();
  #timer: NodeJS.Timeout | undefined;
  #synchronizing: Promise<void> | undefined;
  #isAway = false;

  constructor(database: ServiceDatabase, observer: LimitObserver, log: Logger, now: () => Date = () => new Date()) {
    this.#database = database;
    this.#observer = observer;
    this.#log = log;
    this.#now = now;
  }

  /** Reads what was used today. The database must have started. */
  async start(): Promise<void> {
    if (!this.#database.isEnabled) return;
    await this.#read();
    this.#timer = setInterval(() => void this.synchronize(), WRITE_INTERVAL_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await withinTime(this.#synchronizeTwice(), STOP_TIMEOUT_MS).catch(() => {});
  }

  /** Refuses a request whose panels are not known yet where none are left. @throws PanelvecError quota_exceeded */
  assertNotExhausted(owner: QuotaOwner): void {
    this.#assertLeft(owner, this.#usageOf(owner.keyId), 1);
  }

  /** Counts panels before they are embedded. The returned function takes them back. @throws PanelvecError quota_exceeded */
  take(owner: QuotaOwner, panels: number): () => void {
    const usage = this.#usageOf(owner.keyId);
    this.#assertLeft(owner, usage, panels);
    usage.unwritten += panels;
    return () => {
      usage.unwritten -= panels;
    };
  }

  /** Writes what waits and reads what others have written. Never rejects. */
  synchronize(): Promise<void> {
    this.#synchronizing ??= this.#writeAndRead().finally(() => {
      this.#synchronizing = undefined;
    });
    return this.#synchronizing;
  }

  /** One that has begun may not have the last panels. */
  async #synchronizeTwice(): Promise<void> {
    await this.#synchronizing;
    await this.synchronize();
  }

  #assertLeft({ name, limits: { panelsPerDay } }: QuotaOwner, usage: Usage, panels: number): void {
    if (panelsPerDay === null) return;
    const left = panelsPerDay - usage.written - usage.beingWritten - usage.unwritten;
    if (panels <= left) return;
    this.#observer.recordLimited('panels');
    const message = `the key "${name}" may embed ${panelsPerDay} panels and texts a day, and has ${Math.max(0, left)} left until midnight (UTC)`;
    throw new PanelvecError('quota_exceeded', message, { retryAfterSeconds: secondsToMidnight(this.#now()) });
  }

  #usageOf(keyId: string): Usage {
    const day = toDay(this.#now());
    const id = `${day} ${keyId}`;
    const usage = this.#usages.get(id) ?? { keyId, day, written: 0, beingWritten: 0, unwritten: 0 };
    this.#usages.set(id, usage);
    return usage;
  }

  async #writeAndRead(): Promise<void> {
    if (!this.#database.isEnabled || this.#usages.size === 0) return;
    try {
      await this.#write();
      await this.#read();
      this.#isAway = false;
    } catch (err) {
      if (!this.#isAway)
        this.#log.warn({ err }, 'the panels of keys cannot be counted together: each service counts its own');
      this.#isAway = true;
    }
  }

  async #write(): Promise<void> {
    const usages = [...this.#usages.values()].filter(({ unwritten }) => unwritten !== 0);
    if (usages.length === 0) return;
    for (const usage of usages) {
      usage.beingWritten = usage.unwritten;
      usage.unwritten = 0;
    }
    let isWritten = false;
    try {
      const added = usages.map(({ keyId, day, beingWritten }) => ({ keyId, day, panels: beingWritten }));
      await this.#database.use((database) => addUsage(database, added));
      isWritten = true;
    } finally {
      for (const usage of usages) {
        if (isWritten) usage.written += usage.beingWritten;
        else usage.unwritten += usage.beingWritten;
        usage.beingWritten = 0;
      }
    }
  }

  async #read(): Promise<void> {
    const today = toDay(this.#now());
    for (const [id, { day, unwritten }] of this.#usages) {
      if (day !== today && unwritten === 0) this.#usages.delete(id);
    }
    for (const { keyId, panels } of await this.#database.use((database) => readUsage(database, today))) {
      const usage = this.#usageOf(keyId);
      if (usage.day === today) usage.written = panels;
    }
  }
}

function toDay(time: Date): string {
  return time.toISOString().slice(0, 'yyyy-mm-dd'.length);
}

function secondsToMidnight(time: Date): number {
  const midnight = Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate() + 1);
  return Math.max(1, Math.ceil((midnight - time.getTime()) / 1000));
}
