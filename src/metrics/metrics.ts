import type { Server } from 'node:net';
import { type Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LimitObserver, LimitReason } from '../access/key-limits.ts';
import type { SearchObserver } from '../collections/search/search-observer.ts';
import type { EmbeddingObserver, RefusalReason, Stage } from '../embedding/embedding-observer.ts';
import type { ErrorCode } from '../errors.ts';
import type { ImageFetchObserver } from '../image-urls/image-fetch-observer.ts';
import type { EngineId } from '../inference/engine-types.ts';
import type { ModelPoolsObserver } from '../inference/model-pools.ts';
import type { CanaryObserver } from '../promotion/canary-watch.ts';
import { createCounter, createSecondsHistogram } from './instruments.ts';
import { ModelMetrics } from './model-metrics.ts';

/** What has happened since the start. */
export interface Totals {
  readonly requests: number;
  /** Requests that ended with a status of 500 or more */
  readonly failedRequests: number;
  /** Panels and texts that the engines have computed, for requests and for jobs that share them */
  readonly items: number;
  readonly engineRestarts: number;
}

const LIMIT_REASONS: Readonly<Record<LimitReason, true>> = { requests: true, concurrent: true, panels: true };
const REFUSAL_REASONS: Readonly<Record<RefusalReason, true>> = {
  wait: true,
  deadline: true,
  pictures: true,
  texts: true,
  bytes: true,
};

/** What counters have series of. */
interface CountedParts {
  readonly engines: readonly (EngineId & { readonly model: string })[];
  readonly models: readonly { readonly id: string }[];
  readonly aliases: readonly { readonly alias: string }[];
}

/** The Prometheus metrics of one service, in a registry of its own, so that two services in one process do not collide. */
export class Metrics implements LimitObserver {
  readonly registry = new Registry();
  readonly #totals = { requests: 0, failedRequests: 0, items: 0, engineRestarts: 0 };
  readonly #requests = this.#histogram('panelvec_http_request_duration_seconds', 'Time to respond', [
    'method',
    'route',
    'status',
  ]);
  readonly #aborts = this.#counter(
    'panelvec_requests_aborted_total',
    'Requests whose connection ended before their response, by what ended it: client_closed (their status is 499), timeout (408), malformed (400), headers_too_large (431) or shutdown',
    ['route', 'reason'],
  );
  readonly #errors = this.#counter('panelvec_errors_total', 'Responses with an error, by its code', ['code']);
  readonly #retryAfter = this.#histogram(
    'panelvec_retry_after_seconds',
    'Time after which a refused request may come back, as its response said',
    [],
  );
  readonly #limited = this.#counter(
    'panelvec_limited_total',
    'Requests that were refused for a limit of their key: requests of a minute, concurrent requests, or panels of a day',
    ['reason'],
  );
  readonly #refused = this.#counter(
    'panelvec_refused_total',
    'Requests that were refused with queue_full: they would have waited too long (wait), or past their deadline (deadline), or panels (pictures), texts or bytes of bodies (bytes) were at their limit',
    ['reason'],
  );
  readonly #deadlines = this.#counter(
    'panelvec_deadline_exceeded_total',
    'Requests whose deadline passed: while they were received, or while they were in work',
    ['phase'],
  );
  readonly #connections = new Gauge({
    name: 'panelvec_connections',
    help: 'Open connections of clients, also those that are idle',
    registers: [this.registry],
  });
  readonly #droppedConnections = this.#counter(
    'panelvec_connections_dropped_total',
    'Connections that were closed at once, because there were too many',
    [],
  );
  readonly #stages = this.#histogram(
    'panelvec_stage_duration_seconds',
    'Time of one stage: decode, resize, queue, or inference (of a batch)',
    ['stage'],
  );
  readonly #searchPhases = this.#histogram(
    'panelvec_search_phase_duration_seconds',
    'Time of one phase of a search: to embed its query (embed), or in the database',
    ['phase'],
  );
  readonly #imageFetches = this.#histogram(
    'panelvec_image_fetch_duration_seconds',
    'Time to fetch an image by its URL, by how that ended: fetched, refused (not allowed), failed (by the host or on the way), too_large, busy (too many wait, or PANELVEC_MAX_BODIES_BYTES is reached), or cancelled (the client left, its deadline passed, or another image of the request was not fetched)',
    ['outcome'],
  );
  readonly #items = this.#counter('panelvec_items_total', 'Panels embedded, by the modalities they had', [
    'modalities',
  ]);
  readonly #restarts = this.#counter(
    'panelvec_engine_restarts_total',
    'Engine processes that ended and were replaced',
    ['model', 'device', 'engine'],
  );
  readonly #replacements = this.#counter(
    'panelvec_engine_replacements_total',
    'Engine processes that were replaced because their memory had grown (PANELVEC_MAX_ENGINE_BYTES); panelvec_engine_restarts_total counts these too',
    ['model', 'device', 'engine'],
  );
  readonly #halvings = this.#counter(
    'panelvec_engine_halvings_total',
    'Times that an engine halved a batch because its memory, or that of its GPU, did not suffice',
    ['model', 'device', 'engine'],
  );
  readonly #poisoned = this.#counter(
    'panelvec_poisoned_total',
    'Panels that were refused because they ended their engine, then or earlier',
    ['model'],
  );
  readonly #loads = this.#counter('panelvec_model_loads_total', 'Times that the engines of a model became warm', [
    'model',
  ]);
  readonly #evictions = this.#counter(
    'panelvec_model_evictions_total',
    'Times that an idle model left the memory to make room for another (PANELVEC_MODELS_MEMORY_BYTES)',
    ['model'],
  );
  readonly #models = new ModelMetrics(this.registry);
  readonly #batches = new Histogram({
    name: 'panelvec_batch_items',
    help: 'Panels of one inference run; near PANELVEC_MAX_BATCH the service is saturated',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers: [this.registry],
  });

  readonly embedding: EmbeddingObserver = {
    timeStage: (stage, work) => timeWork(work, (seconds) => this.#observeStage(stage, seconds)),
    recordPanel: (modalities) => this.#items.inc({ modalities: modalities.join('+') }),
    recordOutcome: (panel) => this.#models.recordOutcome(panel),
    recordRequest: (request) => this.#models.recordRequest(request),
    recordRefused: (reason) => this.#refused.inc({ reason }),
  };

  readonly canaries: CanaryObserver = {
    recordCanaryEnd: (alias, end) => this.#models.recordCanaryEnd(alias, end),
  };

  readonly search: SearchObserver = {
    timePhase: (phase, work) => timeWork(work, (seconds) => this.#searchPhases.observe({ phase }, seconds)),
  };

  readonly imageFetches: ImageFetchObserver = {
    recordImageFetch: (outcome, seconds) => this.#imageFetches.observe({ outcome }, seconds),
  };

  readonly pool: ModelPoolsObserver = {
    recordBatch: (_model, items, seconds, queuedSeconds) => {
      this.#batches.observe(items);
      this.#totals.items += items;
      this.#observeStage('inference', seconds);
      for (const secondsInQueue of queuedSeconds) this.#observeStage('queue', secondsInQueue);
    },
    recordRestart: (model, { device, index }) => {
      this.#restarts.inc({ model, device, engine: index });
      this.#totals.engineRestarts++;
    },
    recordReplacement: (model, { device, index }) => this.#replacements.inc({ model, device, engine: index }),
    recordHalvings: (model, { device, index }, halvings) =>
      this.#halvings.inc({ model, device, engine: index }, halvings),
    recordPoisoned: (model) => this.#poisoned.inc({ model }),
    recordLoad: (model) => this.#loads.inc({ model }),
    recordEviction: (model) => this.#evictions.inc({ model }),
  };

  /** Kept beside the histograms, because these can only be read as a whole. */
  get totals(): Totals {
    return { ...this.#totals };
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.#totals.requests++;
    if (status >= 500) this.#totals.failedRequests++;
    this.#requests.observe({ method, route, status }, seconds);
  }

  recordError(code: ErrorCode, retryAfterSeconds: number | undefined): void {
    this.#errors.inc({ code });
    if (retryAfterSeconds !== undefined) this.#retryAfter.observe(retryAfterSeconds);
  }

  /** Has counters show 0 for what has not happened yet: Prometheus sees no growth in a series that begins with 1. */
  addMissingSeries({ engines, models, aliases }: CountedParts): void {
    for (const reason of Object.keys(LIMIT_REASONS)) this.#limited.inc({ reason }, 0);
    for (const reason of Object.keys(REFUSAL_REASONS)) this.#refused.inc({ reason }, 0);
    for (const phase of ['receiving', 'working']) this.#deadlines.inc({ phase }, 0);
    for (const { model, device, index } of engines) {
      for (const counter of [this.#restarts, this.#replacements, this.#halvings])
        counter.inc({ model, device, engine: index }, 0);
    }
    for (const { id: model } of models) {
      for (const counter of [this.#loads, this.#evictions, this.#poisoned]) counter.inc({ model }, 0);
    }
    this.#models.addMissingSeries({ models, aliases });
  }

  /** Counts the connections of a server, and those that it closed because there were too many. */
  watchConnections(server: Pick<Server, 'on'>): void {
    server.on('connection', (socket) => {
      this.#connections.inc();
      socket.once('close', () => this.#connections.dec());
    });
    server.on('drop', () => this.#droppedConnections.inc());
  }

  recordLimited(reason: LimitReason): void {
    this.#limited.inc({ reason });
  }

  recordDeadlineExceeded(phase: 'receiving' | 'working'): void {
    this.#deadlines.inc({ phase });
  }

  recordAbort(route: string, reason: string): void {
    this.#aborts.inc({ route, reason });
  }

  #observeStage(stage: Stage, seconds: number): void {
    this.#stages.observe({ stage }, seconds);
  }

  #histogram<T extends string>(name: string, help: string, labelNames: T[]): Histogram<T> {
    return createSecondsHistogram(this.registry, name, help, labelNames);
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return createCounter(this.registry, name, help, labelNames);
  }
}

/** Runs a piece of work and records how many seconds it took, also where it fails. */
async function timeWork<T>(work: () => Promise<T>, record: (seconds: number) => void): Promise<T> {
  const startTime = performance.now();
  try {
    return await work();
  } finally {
    record((performance.now() - startTime) / 1000);
  }
}
