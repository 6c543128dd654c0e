import type { Logger } from 'pino';
import type { PanelOutcome } from '../embedding/embedding-observer.ts';
import { type CanaryEnd, type CanaryVerdict, judgeCanary } from './canary-judgement.ts';
import { ModelBehaviour } from './model-behaviour.ts';
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
  readonly canaryBehaviour: ModelBehaviour;
  readonly activeBehaviour: ModelBehaviour;
  hasEnded: boolean;
}

/**
 * Compares canaries with the active models beside them, and ends those that do worse. Each service watches the requests that it gets
 * itself, and the first that sees a reason ends the canary for all.
 */
export class CanaryWatch {
  readonly #observer: CanaryObserver;
  readonly #log: Logger;
  #canaries: readonly WatchedCanary[] = [];
  #control: CanaryControl | undefined;

  constructor(observer: CanaryObserver, log: Logger) {
    this.#observer = observer;
    this.#log = log;
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

  recordOutcome(panel: PanelOutcome): void {
    for (const canary of this.#canaries) {
      const isCanary = panel.model === canary.model;
      if (canary.hasEnded || (!isCanary && panel.model !== canary.active)) continue;
      (isCanary ? canary.canaryBehaviour : canary.activeBehaviour).add(panel);
      const verdict: CanaryVerdict | undefined =
        isCanary && panel.outcome === 'not_finite'
          ? { end: 'not_finite', reason: 'it gave a vector that is not finite' }
          : judgeCanary(panel, canary.canaryBehaviour, canary.activeBehaviour);
      if (verdict !== undefined) this.#end(canary, verdict);
    }
  }

  #follow(canaries: readonly RunningCanary[]): void {
    const known = new Map(this.#canaries.map((canary) => [canary.id, canary]));
    this.#canaries = canaries.map(
      (canary) =>
        known.get(canary.id) ?? {
          ...canary,
          canaryBehaviour: new ModelBehaviour(),
          activeBehaviour: new ModelBehaviour(),
          hasEnded: false,
        },
    );
  }

  #end(canary: WatchedCanary, { end, reason }: CanaryVerdict): void {
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
