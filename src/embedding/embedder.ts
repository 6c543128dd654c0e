import pLimit from 'p-limit';
import { PanelvecError, withParam } from '../errors.ts';
import { type EngineItem, type EngineOutput, type EngineResult, getModalities } from '../inference/engine-types.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import { MODALITIES, type Modality } from '../model/modality.ts';
import type { TextReading } from '../preprocess/text-tokenizer.ts';
import { withSpan } from '../tracing/tracing.ts';
import { isFiniteVector, truncateAndNormalize } from '../util/vectors.ts';
import { waitForAll } from '../util/wait-for-all.ts';
import { Admission } from './admission.ts';
import { type AdmittedWork, describeWork, recordOutcome, type WorkOptions } from './admitted-work.ts';
import type { RequestKind } from './cost-guess.ts';
import type { EmbeddingObserver, Outcome, RefusalReason, StageTimer } from './embedding-observer.ts';
import { FeatureMemory } from './feature-memory.ts';
import { type PreparedPage, type PrepareLimits, Preparer } from './input-preparer.ts';
import type { PageInput, PanelInput } from './panel-input.ts';
import { type PanelQuota, withQuota } from './panel-quota.ts';
import type { PanelSource, PreparedPanel } from './panel-source.ts';
import { PictureGate } from './picture-gate.ts';
import { costOfPages, costOfPanels, costOfPrepared } from './request-cost.ts';
import { runWithKnownFeatures } from './run-with-known-features.ts';
import type { ServedModel } from './served-model.ts';
import type { TextOptions } from './text-checks.ts';
import { TextPacer } from './text-pacer.ts';
import { WaitAdmission } from './wait-admission.ts';
import { WorkPrices } from './work-prices.ts';

export interface EmbedOptions extends TextOptions, WorkOptions {
  /** At most the model's */
  readonly dimensions: number;
  readonly normalize: boolean;
  /** Of the caller; undefined where nothing limits it */
  readonly quota?: PanelQuota | undefined;
}

export interface EmbeddedPanel {
  /** The vectors asked for, by name; null where the panel lacks the modality */
  readonly vectors: Partial<Record<EngineOutput, Float32Array | null>>;
  readonly modalities: readonly Modality[];
  /** Shares of vision, text and composition; null where nothing was fused */
  readonly gateWeights: Float32Array | null;
  /** Shares of the visual backbones; null where the model does not weigh them */
  readonly backboneWeights: Float32Array | null;
  /** How much of its text was read; null where the panel has none */
  readonly reading: TextReading | null;
  /** Tokens of the text that were read */
  readonly tokens: number;
}

export interface EmbeddedPage extends Omit<PreparedPage, 'panels'> {
  readonly panels: readonly EmbeddedPanel[];
}

export interface EmbedderLimits extends PrepareLimits {
  readonly maxQueueItems: number;
  readonly maxQueueTexts: number;
  /** Of the features that are kept in memory; 0 for none */
  readonly featuresMemoryBytes: number;
  /** Longest wait that is expected of work that is admitted */
  readonly maxWaitSeconds: number;
}

/** Turns panels and pages into vectors: admits them, prepares them, runs the engine, and truncates and normalises. */
export class Embedder {
  readonly admission: Admission;
  /** Counts requests of texts alone: a text takes a hundredth of the memory of a picture. */
  readonly textAdmission: Admission;
  readonly features: FeatureMemory;
  /** Bounds how long admitted work waits. */
  readonly waitAdmission: WaitAdmission;
  readonly #pool: ModelPools;
  readonly #textPacer: TextPacer;
  readonly #pictureGate: PictureGate;
  readonly #prices: WorkPrices;
  readonly #preparer: Preparer;
  readonly #observer: EmbeddingObserver;

  /** @param prices learns from the engines of the pool */
  constructor(pool: ModelPools, limits: EmbedderLimits, observer: EmbeddingObserver, prices = new WorkPrices()) {
    const { maxWaitSeconds, maxQueueItems, maxQueueTexts } = limits;
    const onRefused = (reason: RefusalReason) => observer.recordRefused(reason);
    const waitAdmission = new WaitAdmission({ maxWaitSeconds, onRefused });
    const refuse = (kind: RequestKind) => () => {
      onRefused(kind);
      return waitAdmission.promiseRetry(kind);
    };
    this.waitAdmission = waitAdmission;
    this.admission = new Admission(maxQueueItems, 'panels', refuse('pictures'));
    this.textAdmission = new Admission(maxQueueTexts, 'texts', refuse('texts'));
    this.#pictureGate = new PictureGate(2 * pool.capacity);
    this.#prices = prices;
    this.#pool = pool;
    this.#textPacer = new TextPacer(pool.capacity, pool.enginesPerModel);
    this.features = new FeatureMemory(limits.featuresMemoryBytes);
    const timeStage: StageTimer = (stage, run) => withSpan(stage, {}, () => observer.timeStage(stage, run));
    this.#preparer = new Preparer(limits, this.features, timeStage);
    this.#observer = observer;
  }

  /**
   * Embeds all panels or none. A long list of texts alone goes to the engines bit by bit, so that it delays no other request.
   * @throws PanelvecError naming the field of the first that fails
   */
  async embedPanels(
    model: ServedModel,
    inputs: readonly PanelInput[],
    options: EmbedOptions,
  ): Promise<EmbeddedPanel[]> {
    const areTexts = inputs.every(({ image, text, composition }) => text && !image && !composition);
    const isLongList = areTexts && this.#textPacer.isLong(inputs.length);
    const limit = pLimit(isLongList ? this.#textPacer.maxTexts : Number.POSITIVE_INFINITY);
    const items = sumCosts(
      model,
      inputs.map(({ image }) => image !== undefined),
    );
    const admission = areTexts ? this.textAdmission : this.admission;
    const cost = costOfPanels(this.#prices, model, inputs);
    const work = describeWork(model, inputs.length, options, { admission, items, cost, isLongList });
    const { priority } = work;
    const embed = async (signal: AbortSignal, abort: () => void) => {
      const texts = await this.#preparer.tokenizeTexts(model, inputs, options, signal);
      const embeddings = inputs.map((input, i) =>
        limit(async () => {
          if (isLongList) limit.concurrency = this.#textPacer.maxTexts;
          const embedPanel = async () => {
            const panel = await this.#preparer.preparePanel(model, input, texts[i] ?? null, options);
            return this.#embedPanel(work, panel, options, signal);
          };
          if (!input.image) return embedPanel();
          return this.#pictureGate.run(model.model.spec.vision.grid_views, { priority, signal }, embedPanel);
        }),
      );
      return waitForAll(embeddings, abort);
    };
    return withQuota(options.quota, inputs.length, () => this.#withAdmission(work, embed));
  }

  /** Embeds all pages or none. A page without panels counts as one panel, because it is decoded. */
  async embedPages(model: ServedModel, inputs: readonly PageInput[], options: EmbedOptions): Promise<EmbeddedPage[]> {
    const panelCount = inputs.reduce((total, page) => total + Math.max(1, page.panels.length), 0);
    const { grid_views: gridViews } = model.model.spec.vision;
    const items = panelCount * gridViews;
    const cost = costOfPages(this.#prices, model, inputs);
    const work = describeWork(model, panelCount, options, { admission: this.admission, items, cost });
    const { priority } = work;
    const embed = (signal: AbortSignal, abort: () => void) => {
      const pages = inputs.map((input) =>
        this.#pictureGate.run(Math.max(1, input.panels.length) * gridViews, { priority, signal }, async (leave) => {
          const { panels, ...page } = await this.#preparer.preparePage(model, input, options, signal);
          const embeddings = panels.map(async (panel) => {
            const embedded = await this.#embedPanel(work, panel, options, signal);
            leave(gridViews);
            return embedded;
          });
          return { ...page, panels: await waitForAll(embeddings, abort) };
        }),
      );
      return waitForAll(pages, abort);
    };
    return withQuota(options.quota, panelCount, () => this.#withAdmission(work, embed));
  }

  /**
   * Runs the engine over panels that callers have prepared themselves, all or none, and returns its results as they are.
   * @throws PanelvecError naming the first that has no finite vector
   */
  async inferPrepared(
    served: ServedModel,
    panels: readonly PreparedPanel[],
    outputs: readonly EngineOutput[],
    { quota, ...options }: WorkOptions & Pick<EmbedOptions, 'quota'>,
  ): Promise<EngineResult[]> {
    const items = sumCosts(
      served,
      panels.map(({ pixels }) => pixels !== null),
    );
    const cost = costOfPrepared(this.#prices, served, panels);
    const work = describeWork(served, panels.length, options, { admission: this.admission, items, cost, isRaw: true });
    const infer = (signal: AbortSignal, abort: () => void) => {
      const results = panels.map(async ({ param, reading: _, ...contents }) => {
        const modalities = getModalities(contents);
        const item = { ...contents, outputs: availableOutputs(outputs, modalities) };
        const result = await this.#run(work, item, param, signal);
        const present = modalities.filter((modality) => !contents.masked?.includes(modality));
        if (present.length > 0) this.#observer.recordPanel(present);
        return result;
      });
      return waitForAll(results, abort);
    };
    return withQuota(quota, panels.length, () => this.#withAdmission(work, infer));
  }

  /**
   * Counts items until all work on them has ended: work that goes on after its request has failed still takes memory. The
   * signal stops work that has not begun when a part of the request has failed, or the client has gone away.
   */
  async #withAdmission<T>(work: AdmittedWork, run: (signal: AbortSignal, abort: () => void) => Promise<T>): Promise<T> {
    const { model, use, admission, items, isLongList = false } = work;
    const { deadline, place, signal: callerSignal } = work.options;
    const release = admission.reserve(items);
    try {
      use.place = this.waitAdmission.admit({ cost: work.cost, priority: work.priority, deadline }, place);
    } catch (error) {
      release();
      throw error;
    }
    const endRequest = this.#pool.beginRequest(model);
    const endPacing = isLongList ? () => {} : this.#textPacer.beginRequest();
    const failureController = new AbortController();
    const signal = callerSignal ? AbortSignal.any([callerSignal, failureController.signal]) : failureController.signal;
    const record = (outcome: Outcome) => {
      const { panels, hasPictures, seconds } = use;
      this.#observer.recordRequest({ model, outcome, panels, hasPictures, seconds });
    };
    try {
      const result = await recordOutcome(work, record, () => run(signal, () => failureController.abort()));
      use.place.recordDone(Number.POSITIVE_INFINITY);
      return result;
    } finally {
      use.place.release();
      release();
      endPacing();
      endRequest();
    }
  }

  /** @throws PanelvecError as the pool, or vector_not_finite naming the panel */
  async #run(work: AdmittedWork, item: EngineItem, param: string, signal: AbortSignal): Promise<EngineResult> {
    const startTime = performance.now();
    const record = (outcome: Outcome) => {
      const seconds = (performance.now() - startTime) / 1000;
      work.use.add(item, seconds);
      this.#observer.recordOutcome({ model: work.model, outcome, seconds });
    };
    return recordOutcome(work, record, async () => {
      const runOptions = { signal, priority: work.priority };
      const result = await this.#pool.run(work.model, item, runOptions).catch((error: unknown) => {
        throw isAboutPanel(error) ? withParam(error, param) : error;
      });
      work.use.place?.recordDone(work.panelCost);
      assertFinite(result, param);
      return result;
    });
  }

  async #embedPanel(
    work: AdmittedWork,
    panel: PanelSource,
    options: EmbedOptions,
    signal: AbortSignal,
  ): Promise<EmbeddedPanel> {
    const { param, reading, tokens, picture, composition } = panel;
    const modalities = MODALITIES.filter(
      (modality) => ({ vision: picture, text: tokens, composition })[modality] !== null,
    );
    const outputs = availableOutputs(options.outputs, modalities);
    const run = (item: EngineItem) => this.#run(work, item, param, signal);
    const result = await runWithKnownFeatures(panel, outputs, this.features, run, signal);
    this.#observer.recordPanel(modalities);
    const vectors = options.outputs.map((output) => {
      const vector = result.vectors[output];
      return [output, vector ? truncateAndNormalize(vector, options.dimensions, options.normalize) : null];
    });
    return {
      vectors: Object.fromEntries(vectors),
      modalities,
      gateWeights: result.gateWeights,
      backboneWeights: result.backboneWeights,
      reading,
      tokens: tokens?.length ?? 0,
    };
  }
}

/** What panels take of the work in progress: each of its views takes the memory of a picture. */
function sumCosts({ model }: ServedModel, havePictures: readonly boolean[]): number {
  const { grid_views: gridViews } = model.spec.vision;
  return havePictures.reduce((sum, hasPicture) => sum + (hasPicture ? gridViews : 1), 0);
}

function availableOutputs(outputs: readonly EngineOutput[], modalities: readonly Modality[]): EngineOutput[] {
  return outputs.filter((output) => output === 'fused' || output === 'zero_shot' || modalities.includes(output));
}

/** An infinity or a NaN would poison every index and average that it gets into. */
function assertFinite({ vectors }: EngineResult, param: string): void {
  if (Object.values(vectors).every(isFiniteVector)) return;
  throw new PanelvecError('vector_not_finite', 'the model gives no finite vector for this panel', { param });
}

/** Whether an error of the engines is the fault of a panel. */
function isAboutPanel(error: unknown): boolean {
  return error instanceof PanelvecError && (error.code === 'inference_failed' || error.code === 'poisoned_input');
}
