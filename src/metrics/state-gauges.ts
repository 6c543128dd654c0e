import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { EngineId } from '../inference/engine-types.ts';
import { EventLoopDelay } from './event-loop-delay.ts';

// As promtool asks: a label `quantile` belongs to summaries alone.
const EVENT_LOOP_PERCENTILES = [50, 90, 99, 100];

/** What the gauges read for each scrape. */
export interface StateReader {
  queuedItems(): number;
  itemsInWork(): number;
  expectedWaits(): Readonly<Record<string, number>>;
  workRate(): number;
  textsInWork(): number;
  featureMemory(): { readonly hits: number; readonly misses: number; readonly bytes: number };
  engines(): readonly (EngineId & {
    readonly model: string;
    readonly provider: string | undefined;
    readonly residentBytes: number;
  })[];
  /** Of the last check; -1 where numbers were not finite, or could not be computed */
  goldenCosines(): readonly (EngineId & { readonly model: string; readonly cosine: number })[];
  models(): readonly { readonly id: string; readonly space: string; readonly dimensions: number }[];
  aliases(): readonly { readonly alias: string; readonly problem: string | null }[];
  canaries(): readonly { readonly alias: string; readonly model: string; readonly share: number }[];
}

/** Registers the gauges of a service and its process, which are read for each scrape. The returned function stops them. */
export function registerStateGauges(registry: Registry, state: StateReader): () => void {
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'panelvec_queue_items',
    help: 'Panels waiting for an engine',
    registers,
    collect() {
      this.set(state.queuedItems());
    },
  });
  new Gauge({
    name: 'panelvec_expected_wait_seconds',
    help: 'How long a request that is accepted now is expected to wait for its turn, by its priority',
    labelNames: ['priority'],
    registers,
    collect() {
      for (const [priority, seconds] of Object.entries(state.expectedWaits())) this.set({ priority }, seconds);
    },
  });
  new Gauge({
    name: 'panelvec_work_rate',
    help: 'Seconds of work of an engine or decoder that the service does in a second, while it has work',
    registers,
    collect() {
      this.set(state.workRate());
    },
  });
  new Gauge({
    name: 'panelvec_items_in_work',
    help: 'Panels admitted and not answered',
    registers,
    collect() {
      this.set(state.itemsInWork());
    },
  });
  new Gauge({
    name: 'panelvec_texts_in_work',
    help: 'Texts of requests of texts alone, admitted and not answered',
    registers,
    collect() {
      this.set(state.textsInWork());
    },
  });
  new Gauge({
    name: 'panelvec_engine_up',
    help: '1 while the engine is warm; `provider` is the one that really runs',
    labelNames: ['model', 'device', 'engine', 'provider'],
    registers,
    collect() {
      this.reset();
      for (const { model, device, index, provider } of state.engines())
        this.set({ model, device, engine: index, provider: provider ?? 'none' }, provider ? 1 : 0);
    },
  });
  new Gauge({
    name: 'panelvec_engine_resident_bytes',
    help: 'Resident memory of an engine process after its last batch; 0 while it is not warm',
    labelNames: ['model', 'device', 'engine'],
    registers,
    collect() {
      this.reset();
      for (const { model, device, index, residentBytes } of state.engines())
        this.set({ model, device, engine: index }, residentBytes);
    },
  });
  new Gauge({
    name: 'panelvec_golden_cosine',
    help: 'Smallest cosine of an engine to the golden vectors of its model; below 0.999 it is replaced; -1 where it gives numbers that are not finite, or none',
    labelNames: ['model', 'device', 'engine'],
    registers,
    collect() {
      this.reset();
      for (const { model, device, index, cosine } of state.goldenCosines())
        this.set({ model, device, engine: index }, cosine);
    },
  });
  new Gauge({
    name: 'panelvec_model_info',
    help: 'The models served',
    labelNames: ['model', 'space', 'dimensions'],
    registers,
    collect() {
      this.reset();
      for (const { id, space, dimensions } of state.models()) this.set({ model: id, space, dimensions }, 1);
    },
  });
  new Gauge({
    name: 'panelvec_alias_in_sync',
    help: '1 while an alias means here what was chosen; 0 while its model is being loaded, or cannot be',
    labelNames: ['alias'],
    registers,
    collect() {
      this.reset();
      for (const { alias, problem } of state.aliases()) this.set({ alias }, problem === null ? 1 : 0);
    },
  });
  new Gauge({
    name: 'panelvec_canary_share',
    help: 'The share of the requests for an alias that its canary takes in this service',
    labelNames: ['alias', 'model'],
    registers,
    collect() {
      this.reset();
      for (const { alias, model, share } of state.canaries()) this.set({ alias, model }, share);
    },
  });
  registerFeatureMemory(registers, state);
  return registerEventLoopGauge(registry);
}

function registerFeatureMemory(registers: Registry[], state: StateReader): void {
  new Counter({
    name: 'panelvec_feature_memory_hits_total',
    help: 'Pictures and texts whose features were in memory, or were being computed for another panel',
    registers,
    collect() {
      this.reset();
      this.inc(state.featureMemory().hits);
    },
  });
  new Counter({
    name: 'panelvec_feature_memory_misses_total',
    help: 'Pictures and texts whose features were computed',
    registers,
    collect() {
      this.reset();
      this.inc(state.featureMemory().misses);
    },
  });
  new Gauge({
    name: 'panelvec_feature_memory_bytes',
    help: 'Bytes of the features in memory (PANELVEC_FEATURES_MEMORY_BYTES)',
    registers,
    collect() {
      this.set(state.featureMemory().bytes);
    },
  });
}

function registerEventLoopGauge(registry: Registry): () => void {
  const loopDelay = new EventLoopDelay();
  new Gauge({
    name: 'panelvec_event_loop_delay_seconds',
    help: 'How late the event loop ran its timers since the last scrape',
    labelNames: ['percentile'],
    registers: [registry],
    collect() {
      for (const percentile of EVENT_LOOP_PERCENTILES)
        this.set({ percentile }, loopDelay.quantileSeconds(percentile / 100));
      loopDelay.reset();
    },
  });
  return () => loopDelay.stop();
}
