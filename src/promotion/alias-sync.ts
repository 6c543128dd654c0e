import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Audit, SERVICE } from '../access/audit.ts';
import type { ServiceDatabase } from '../database/service-database.ts';
import { PanelvecError } from '../errors.ts';
import type { AliasFollower } from './alias-follower.ts';
import { type AliasChoice, type AliasRecord, withoutCanary } from './alias-record.ts';
import { ALIAS_CHANNEL, deleteAlias, findAlias, listAliases, writeAlias } from './alias-records.ts';

/** Notifications get lost with their connection. */
const POLL_MS = 2000;

/** Keeps the follower up to date with the records in the database, and writes to them. */
export class AliasSync {
  readonly #database: ServiceDatabase;
  readonly #follower: AliasFollower;
  readonly #audit: Pick<Audit, 'record'>;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  /** Why canaries have ended here, by id, until the database knows it */
  readonly #unwrittenEnds = new Map<string, string>();
  /** Changes that this service has written: what was read before one is out of date */
  #writes = 0;
  #polling: Promise<void> = Promise.resolve();
  #wake = new AbortController();

  constructor(database: ServiceDatabase, follower: AliasFollower, audit: Pick<Audit, 'record'>, log: Logger) {
    this.#database = database;
    this.#follower = follower;
    this.#audit = audit;
    this.#log = log;
  }

  /** Reads the records once, and from then on after each change. @throws PanelvecError where the database is away */
  async start(): Promise<void> {
    this.#follower.begin(await this.#database.use(listAliases));
    this.#database.listen(ALIAS_CHANNEL, () => this.#wake.abort(), this.#stopping.signal);
    this.#polling = this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polling;
  }

  find(alias: string): Promise<AliasRecord | undefined> {
    return this.#database.use((database) => findAlias(database, alias));
  }

  /** @throws PanelvecError alias_unknown */
  async get(alias: string): Promise<AliasRecord> {
    const record = await this.find(alias);
    if (record !== undefined) return record;
    throw new PanelvecError('alias_unknown', `nobody has activated a model under the alias "${alias}"`);
  }

  /**
   * Writes a choice, and follows it here at once. Where the connection breaks in the middle of it, it may have been written all the same:
   * then all services follow it soon, this one too.
   * @param revision of the record that it is based on
   */
  async write(choice: AliasChoice, revision: number | undefined): Promise<void> {
    const record = await this.#database.use((database) => writeAlias(database, choice, revision));
    this.#writes++;
    this.#follower.adopt(record);
  }

  async remove({ alias, revision }: AliasRecord): Promise<void> {
    await this.#database.use((database) => deleteAlias(database, alias, revision));
    this.#writes++;
    this.#follower.drop(alias);
  }

  /** Ends a canary, here at once and everywhere as soon as the database can be reached. */
  async endCanary(id: string, reason: string): Promise<void> {
    this.#unwrittenEnds.set(id, reason);
    this.#follower.dropCanary(id);
    await this.#writeCanaryEnds().catch((err: unknown) =>
      this.#log.warn({ err }, 'the end of a canary cannot be written yet'),
    );
  }

  async #refresh(): Promise<void> {
    for (;;) {
      const writes = this.#writes;
      const records = await this.#database.use(listAliases);
      if (writes === this.#writes) return this.#follower.follow(records);
    }
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await delay(POLL_MS, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => {});
      if (signal.aborted) return;
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
      try {
        await this.#writeCanaryEnds();
        await this.#refresh();
        await this.#follower.warmPrevious();
      } catch (err) {
        // What was chosen last goes on.
        this.#log.debug({ err }, 'the aliases of models cannot be read');
        this.#follower.apply();
      }
    }
  }

  #recordCanaryEnd({ alias, canary }: AliasRecord, reason: string): void {
    if (canary === null) return;
    this.#audit.record({
      caller: SERVICE,
      action: 'model.canary_end',
      subject: canary.model,
      detail: { alias, reason },
    });
  }

  async #writeCanaryEnds(): Promise<void> {
    for (const [id, reason] of [...this.#unwrittenEnds]) {
      const record = (await this.#database.use(listAliases)).find(({ canary }) => canary?.id === id);
      try {
        if (record !== undefined) {
          await this.write(withoutCanary(record, reason), record.revision);
          this.#recordCanaryEnd(record, reason);
        }
        this.#unwrittenEnds.delete(id);
      } catch (error) {
        // Another change was faster: the next poll looks at what it left.
        if (!(error instanceof PanelvecError && error.code === 'activation_conflict')) throw error;
      }
    }
  }
}
