import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { ServiceDatabase } from '../database/service-database.ts';
import { PanelvecError } from '../errors.ts';
import { withinTime } from '../util/within-time.ts';
import { type KeyRecord, listKeys, recordKeyUses } from './key-records.ts';
import { type KeyParts, parseKey } from './key-text.ts';
import { KeyVerifier } from './key-verifier.ts';
import { isLoopbackHost } from './loopback-host.ts';
import type { Caller } from './scopes.ts';

/** Until then a revoked key may still be taken. */
const REFRESH_INTERVAL_MS = 2000;
/** An unknown key may be a new one: the database is asked at once, but not more often than this. */
const MIN_REFRESH_INTERVAL_MS = 250;
const REFRESH_TIMEOUT_MS = 1000;
const USE_INTERVAL_MS = 60_000;

const INVALID_MESSAGE = 'this key is not valid';

interface AccessSettings {
  readonly host: string;
  readonly allowAnonymous: '0' | '1';
}

/** Keys of a service, read from its database every two seconds. While the database is away, the last known ones stay in force. */
export class ApiKeys {
  readonly #settings: AccessSettings;
  readonly #database: ServiceDatabase;
  readonly #log: Logger;
  readonly #verifier = new KeyVerifier();
  readonly #stopController = new AbortController();
  #records: ReadonlyMap<string, KeyRecord> = new Map();
  #isLoopback = false;
  #refreshedAt = 0;
  /** Of an unknown key; begins later */
  #requestedRefresh: Promise<void> | undefined;
  /** What is read last is the newest. */
  readonly #runAlone = pLimit(1);
  #polling: Promise<void> | undefined;
  /** When the use of each key was recorded last, and the keys whose use is to be recorded */
  readonly #recordedUses = new Map<string, number>();
  readonly #unrecordedUses = new Set<string>();

  constructor(settings: AccessSettings, database: ServiceDatabase, log: Logger) {
    this.#settings = settings;
    this.#database = database;
    this.#log = log;
  }

  /** Reads the keys. The database must have started. @throws PanelvecError config_invalid where the service would be open to a network */
  async start(): Promise<void> {
    const { host, allowAnonymous } = this.#settings;
    this.#isLoopback = await isLoopbackHost(host);
    await this.#runAlone(() => this.#readKeys());
    if (!this.#isLoopback && allowAnonymous === '0' && this.#records.size === 0) {
      const create = this.#database.isEnabled
        ? 'make a key with `panelvec keys create`'
        : 'give the service a database (DATABASE_URL, or PANELVEC_JOBS=on) and make a key with `panelvec keys create`';
      const message = `HOST=${host} is no loopback address, and there is no key yet: ${create}, or set PANELVEC_ALLOW_ANONYMOUS=1 if everybody may do everything`;
      throw new PanelvecError('config_invalid', message);
    }
    if (this.isAnonymousAllowed && !this.#isLoopback)
      this.#log.warn('everybody who reaches this service may do everything: PANELVEC_ALLOW_ANONYMOUS=1');
    if (this.#database.isEnabled) this.#polling = this.#poll(this.#stopController.signal);
  }

  async stop(): Promise<void> {
    this.#stopController.abort();
    await this.#polling;
    await this.#recordUses().catch(() => {});
  }

  /** Whether callers need no key. A key that was revoked or has expired counts: a service that has had one does not become open. */
  get isAnonymousAllowed(): boolean {
    return this.#settings.allowAnonymous === '1' || (this.#isLoopback && this.#records.size === 0);
  }

  /** Whether callers need no key because only programs of this machine reach the service. */
  get isLocalAlone(): boolean {
    return this.isAnonymousAllowed && this.#settings.allowAnonymous !== '1';
  }

  /** Who has a key. @throws PanelvecError key_invalid */
  async authenticate(text: string): Promise<Caller> {
    const parts = parseKey(text);
    if (parts === undefined) throw new PanelvecError('key_invalid', INVALID_MESSAGE);
    const record = (await this.#findRecord(parts)) ?? (await this.#findRecordAfterRefresh(parts));
    if (record === undefined) throw new PanelvecError('key_invalid', INVALID_MESSAGE);
    const { id, name, scopes, expiresAt, revokedAt, limits } = record;
    if (revokedAt !== null) throw new RetiredKeyError(`the key "${name}" was revoked`);
    if (expiresAt !== null && expiresAt.getTime() <= Date.now())
      throw new RetiredKeyError(`the key "${name}" expired at ${expiresAt.toISOString()}`);
    this.#noteUse(id);
    return { keyId: id, name, scopes, expiresAt, limits };
  }

  /** Whether a caller who was authenticated a while ago would still be taken. */
  isInForce({ keyId }: Pick<Caller, 'keyId'>): boolean {
    if (keyId === null) return this.isAnonymousAllowed;
    const { expiresAt = null, revokedAt = null } = this.#records.get(keyId) ?? {};
    return revokedAt === null && (expiresAt === null || expiresAt.getTime() > Date.now());
  }

  /** The record of a key, if its secret is right. */
  async #findRecord(parts: KeyParts): Promise<KeyRecord | undefined> {
    const record = this.#records.get(parts.id);
    return record !== undefined && (await this.#verifier.isSecretOf(parts, record)) ? record : undefined;
  }

  /** The same, of a key that may be new. Wrong secrets of known keys wait as well: that slows guesses, and tells nobody what is known. */
  async #findRecordAfterRefresh(parts: KeyParts): Promise<KeyRecord | undefined> {
    const refused = this.#records.get(parts.id);
    await this.#refreshSoon();
    return this.#records.get(parts.id)?.secretHash === refused?.secretHash ? undefined : this.#findRecord(parts);
  }

  #noteUse(id: string): void {
    const now = performance.now();
    const recordedAt = this.#recordedUses.get(id);
    if (recordedAt !== undefined && now - recordedAt < USE_INTERVAL_MS) return;
    this.#recordedUses.set(id, now);
    this.#unrecordedUses.add(id);
  }

  async #poll(signal: AbortSignal): Promise<void> {
    let isAway = false;
    while (!signal.aborted) {
      await delay(REFRESH_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#runAlone(() => this.#readKeys());
        await this.#recordUses();
        if (isAway) this.#log.info('keys are read again');
        isAway = false;
      } catch (err) {
        if (!isAway) this.#log.warn({ err }, 'cannot read the keys: the last known ones stay in force');
        isAway = true;
      }
    }
  }

  /** Reads the keys after this call, together with others that wait for it. Gives up where the database is away. */
  async #refreshSoon(): Promise<void> {
    this.#requestedRefresh ??= this.#refreshWhenDue();
    await withinTime(this.#requestedRefresh, REFRESH_TIMEOUT_MS).catch(() => {});
  }

  async #refreshWhenDue(): Promise<void> {
    await delay(Math.max(0, this.#refreshedAt + MIN_REFRESH_INTERVAL_MS - performance.now()));
    await this.#runAlone(() => {
      this.#requestedRefresh = undefined;
      return this.#readKeys();
    });
  }

  async #readKeys(): Promise<void> {
    this.#refreshedAt = performance.now();
    if (!this.#database.isEnabled) return;
    const records = await this.#database.use(listKeys);
    this.#records = new Map(records.map((record) => [record.id, record]));
  }

  async #recordUses(): Promise<void> {
    const ids = [...this.#unrecordedUses];
    if (ids.length === 0) return;
    await this.#database.use((database) => recordKeyUses(database, ids));
    for (const id of ids) this.#unrecordedUses.delete(id);
  }
}

/** The error of a key that was one. Whoever has it does not guess. */
export class RetiredKeyError extends PanelvecError {
  constructor(message: string) {
    super('key_invalid', message);
  }
}
