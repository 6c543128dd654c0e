import type { Counter, Histogram, Registry } from 'prom-client';
import type { Outcome, PanelOutcome, RequestOutcome } from '../embedding/embedding-observer.ts';
import type { CanaryEnd } from '../promotion/canary-judgement.ts';
import { createCounter, createSecondsHistogram } from './instruments.ts';

const OUTCOMES: Readonly<Record<Outcome, true>> = { ok: true, not_finite: true, error: true, given_up: true };
const CANARY_ENDS: Readonly<Record<CanaryEnd, true>> = { not_finite: true, errors: true, latency: true };

/** What tells one version of a model from another: what came of its panels and requests, and how long these took. */
export class ModelMetrics {
  readonly #panels: Counter<'model' | 'outcome'>;
  readonly #requests: Counter<'model' | 'outcome'>;
  readonly #panelSeconds: Histogram<'model'>;
  readonly #canaryEnds: Counter<'alias' | 'reason'>;

  constructor(registry: Registry) {
    this.#panels = createCounter(
      registry,
      'panelvec_model_panels_total',
      'Panels of requests by model and outcome: ok, not_finite (the vector has a NaN or an infinity), error, or given_up by the client; without mistakes of callers, and raw tensors that give no finite vector',
      ['model', 'outcome'],
    );
    this.#requests = createCounter(
      registry,
      'panelvec_model_requests_total',
      'Requests by model and outcome, without those that callers got wrong; one of zero-shot counts twice, for labels and pictures',
      ['model', 'outcome'],
    );
    this.#panelSeconds = createSecondsHistogram(
      registry,
      'panelvec_model_panel_duration_seconds',
      'Time of a panel of a request from the queue to its vector',
      ['model'],
    );
    this.#canaryEnds = createCounter(
      registry,
      'panelvec_canary_ended_total',
      'Canaries that this service ended because they did worse than the active model, by what gave the reason',
      ['alias', 'reason'],
    );
  }

  recordOutcome({ model, outcome, seconds }: PanelOutcome): void {
    this.#panels.inc({ model, outcome });
    if (outcome === 'ok') this.#panelSeconds.observe({ model }, seconds);
  }

  recordRequest({ model, outcome }: RequestOutcome): void {
    this.#requests.inc({ model, outcome });
  }

  /** As Metrics.addMissingSeries */
  addMissingSeries({
    models,
    aliases,
  }: {
    readonly models: readonly { readonly id: string }[];
    readonly aliases: readonly { readonly alias: string }[];
  }): void {
    for (const { id: model } of models) {
      for (const outcome of Object.keys(OUTCOMES)) {
        this.#panels.inc({ model, outcome }, 0);
        this.#requests.inc({ model, outcome }, 0);
      }
    }
    for (const { alias } of aliases) {
      for (const reason of Object.keys(CANARY_ENDS)) this.#canaryEnds.inc({ alias, reason }, 0);
    }
  }

  recordCanaryEnd(alias: string, reason: CanaryEnd): void {
    this.#canaryEnds.inc({ alias, reason });
  }
}
