import type { Logger } from 'pino';
import type { PanelOutcome, RequestOutcome } from '../embedding/embedding-observer.ts';
import { type CanaryEnd, type CanaryVerdict, judgeFailures } from './canary-judgement.ts';
import { LatencyComparison } from './latency-comparison.ts';
import { RecentValues } from './recent-values.ts';
import type { CanaryListener, RunningCanary } from './running-canary.ts';

/** What the metrics record. */
export interface CanaryObserver {
  recordCanaryEnd(alias: string, end: CanaryEnd): void;
}

/** What the watch needs of promotions. */
export interface CanaryControl {
  onCanaryChange(listener: CanaryListener): void;
  endCanary(canaryId: string, reason: string): Promise<void>;
}

interface WatchedCanary extends RunningCanary {
  /** 1 for a panel that failed, 0 for another */
  readonly failures: RecentValues;
  readonly activeFailures: RecentValues;
  readonly latencies: LatencyComparison;
  hasEnded: boolean;
}

/** The latest panels that count. */
const MAX_PANELS = 200;

/**
 * Compares canaries with the active models beside them, and ends those that do worse. Each service watches the requests that it gets
 * itself, and the first that sees a reason ends the canary for all.
 */
export class CanaryWatch {
  readonly #observer: CanaryObserver;
  readonly #log: Logger;
  readonly #now: () => number;
  #canaries: readonly WatchedCanary[] = [];
  #control: CanaryControl | undefined;

  /** @param now a clock of milliseconds */
  constructor(observer: CanaryObserver, log: Logger, now = () => performance.now()) {
    this.#observer = observer;
    this.#log = log;
    this.#now = now;
  }

  /** The canaries that take requests here */
  get running(): readonly RunningCanary[] {
    return this.#canaries.filter(({ hasEnded }) => !hasEnded);
  }

  /** Watches the canaries of promotions from now on. */
  connect(control: CanaryControl): void {
    this.#control = control;
    control.onCanaryChange((canaries) => this.#follow(canaries));
  }

  recordOutcome({ model, outcome }: PanelOutcome): void {
    if (outcome === 'given_up') return;
    for (const canary of this.#runningWith(model)) {
      const isCanary = model === canary.model;
      (isCanary ? canary.failures : canary.activeFailures).add(outcome === 'error' ? 1 : 0);
      if (!isCanary) continue;
      if (outcome === 'not_finite') {
        this.#end(canary, { end: 'not_finite', reason: 'it gave a vector that is not finite' });
      } else {
        this.#end(canary, judgeFailures(canary.failures, canary.activeFailures));
      }
    }
  }

  recordRequest(request: RequestOutcome): void {
    if (request.panels === 0) return;
    for (const canary of this.#runningWith(request.model)) {
      if (request.model === canary.active) canary.latencies.addActive(request);
      else this.#end(canary, canary.latencies.addCanary(request, this.#now()));
    }
  }

  #runningWith(model: string): readonly WatchedCanary[] {
    return this.#canaries.filter((canary) => !canary.hasEnded && (model === canary.model || model === canary.active));
  }

  #follow(canaries: readonly RunningCanary[]): void {
    const known = new Map(this.#canaries.map((canary) => [canary.id, canary]));
    this.#canaries = canaries.map(
      (canary) =>
        known.get(canary.id) ?? {
          ...canary,
          failures: new RecentValues(MAX_PANELS),
          activeFailures: new RecentValues(MAX_PANELS),
          latencies: new LatencyComparison(),
          hasEnded: false,
        },
    );
  }

  #end(canary: WatchedCanary, verdict: CanaryVerdict | undefined): void {
    if (verdict === undefined) return;
    const { end, reason } = verdict;
    const { id, alias, model } = canary;
    canary.hasEnded = true;
    this.#observer.recordCanaryEnd(alias, end);
    this.#log.warn({ alias, model, reason }, `the canary ${model} of "${alias}" ends: ${reason}`);
    // It takes no more requests here, also where the database cannot be told now.
    this.#control?.endCanary(id, reason).catch((err: unknown) => {
      this.#log.error({ err, alias, model }, `other services were not told that the canary ${model} has ended`);
    });
  }
}
