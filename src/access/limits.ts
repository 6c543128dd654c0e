import type { Logger } from 'pino';
import type { ServiceDatabase } from '../database/service-database.ts';
import { ConcurrentRequests } from './concurrent-requests.ts';
import type { LimitObserver } from './key-limits.ts';
import { PanelQuotas } from './panel-quotas.ts';
import { RequestCounter } from './request-counter.ts';

/** What holds keys to their limits. A key without a limit costs nothing. */
export class Limits {
  readonly observer: LimitObserver;
  readonly requests: RequestCounter;
  readonly concurrent: ConcurrentRequests;
  readonly panels: PanelQuotas;

  constructor(database: ServiceDatabase, observer: LimitObserver, log: Logger) {
    this.observer = observer;
    this.requests = new RequestCounter(database, log);
    this.concurrent = new ConcurrentRequests(observer);
    this.panels = new PanelQuotas(database, observer, log);
  }

  /** The database must have started. */
  start(): Promise<void> {
    return this.panels.start();
  }

  /** Called before the database stops. */
  stop(): Promise<void> {
    return this.panels.stop();
  }
}
