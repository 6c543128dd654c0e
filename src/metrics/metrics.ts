import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EmbeddingObserver, Stage } from '../embedding/observer.ts';
import type { PoolObserver } from '../inference/engine-pool.ts';

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const LOOP_RESOLUTION_MS = 5;
const LOOP_QUANTILES = [0.5, 0.9, 0.99, 1];
const NANOSECONDS = 1e9;

/** Where the gauges read the present state from. */
export interface StateReader {
  queued(): number;
  inWork(): number;
  engines(): readonly { readonly device: number; readonly provider: string | undefined }[];
  models(): readonly { readonly id: string; readonly space: string; readonly dimensions: number }[];
}

/** Everything that Prometheus is told, in a registry of its own: two services in one process do not meet. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests = this.#histogram('panelvec_http_request_duration_seconds', 'Time to answer', [
    'method',
    'route',
    'status',
  ]);
  readonly #stages = this.#histogram('panelvec_stage_duration_seconds', 'Time of one stage', ['stage']);
  readonly #items = this.#counter('panelvec_items_total', 'Panels embedded, by the modalities they had', [
    'modalities',
  ]);
  readonly #restarts = this.#counter(
    'panelvec_engine_restarts_total',
    'Engine processes that ended and were replaced',
    ['device'],
  );
  readonly #batches = new Histogram({
    name: 'panelvec_batch_items',
    help: 'Panels of one inference run',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers: [this.registry],
  });

  readonly embedding: EmbeddingObserver = {
    time: async (stage, work) => {
      const started = performance.now();
      try {
        return await work();
      } finally {
        this.#stage(stage, (performance.now() - started) / 1000);
      }
    },
    embedded: (modalities) => this.#items.inc({ modalities: modalities.join('+') }),
  };

  readonly pool: PoolObserver = {
    batch: (items, seconds, queuedSeconds) => {
      this.#batches.observe(items);
      this.#stage('inference', seconds);
      for (const queued of queuedSeconds) this.#stage('queue', queued);
    },
    restart: (device) => this.#restarts.inc({ device }),
  };

  request(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status }, seconds);
  }

  /** Starts the gauges; returns what stops them. */
  watch(state: StateReader): () => void {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    new Gauge({
      name: 'panelvec_queue_items',
      help: 'Panels waiting for an engine',
      registers,
      collect() {
        this.set(state.queued());
      },
    });
    new Gauge({
      name: 'panelvec_items_in_work',
      help: 'Panels admitted and not answered',
      registers,
      collect() {
        this.set(state.inWork());
      },
    });
    new Gauge({
      name: 'panelvec_engine_up',
      help: '1 while the engine of a device is warm; `provider` is the one that really runs',
      labelNames: ['device', 'provider'],
      registers,
      collect() {
        this.reset();
        for (const { device, provider } of state.engines())
          this.set({ device, provider: provider ?? 'none' }, provider ? 1 : 0);
      },
    });
    new Gauge({
      name: 'panelvec_model_info',
      help: 'The models served',
      labelNames: ['model', 'space', 'dimensions'],
      registers,
      collect() {
        for (const { id, space, dimensions } of state.models()) this.set({ model: id, space, dimensions }, 1);
      },
    });
    return this.#watchEventLoop();
  }

  #watchEventLoop(): () => void {
    const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
    delay.enable();
    new Gauge({
      name: 'panelvec_event_loop_delay_seconds',
      help: 'How late the event loop ran its timers since the last scrape',
      labelNames: ['quantile'],
      registers: [this.registry],
      collect() {
        for (const quantile of LOOP_QUANTILES) {
          // Node counts the timer's own period in; only what exceeds it is delay.
          const late = delay.percentile(quantile * 100) / NANOSECONDS - LOOP_RESOLUTION_MS / 1000;
          this.set({ quantile }, Math.max(0, late));
        }
        delay.reset();
      },
    });
    return () => delay.disable();
  }

  #stage(stage: Stage, seconds: number): void {
    this.#stages.observe({ stage }, seconds);
  }

  #histogram<T extends string>(name: string, help: string, labelNames: T[]): Histogram<T> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS_BUCKETS, registers: [this.registry] });
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
