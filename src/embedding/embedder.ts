import { PanelvecError } from '../errors.ts';
import { type EngineResult, modalitiesOf, type Output } from '../inference/contract.ts';
import type { EnginePool } from '../inference/engine-pool.ts';
import type { Modality } from '../model/head/head-spec.ts';
import type { PageSize } from '../preprocess/boxes.ts';
import type { Crop } from '../preprocess/image/resize.ts';
import { allSettled } from '../settled.ts';
import { finishVector, isFiniteVector } from '../vectors/finish.ts';
import { Admission } from './admission.ts';
import type { EmbeddingObserver } from './observer.ts';
import type { PageInput, PanelInput } from './panel.ts';
import { type PreparedPanel, type PrepareLimits, Preparer } from './prepare.ts';
import type { ServedModel } from './served-models.ts';

export interface EmbedOptions {
  readonly outputs: readonly Output[];
  /** At most the model's */
  readonly dimensions: number;
  readonly normalize: boolean;
  readonly signal?: AbortSignal;
}

export interface EmbeddedPanel {
  /** The vectors asked for, by name; null where the panel lacks the modality */
  readonly vectors: Partial<Record<Output, Float32Array | null>>;
  readonly modalities: readonly Modality[];
  /** Shares of vision, text and composition; null where nothing was fused */
  readonly gate: Float32Array | null;
  /** Shares of the visual backbones; null where the model does not weigh them */
  readonly backbones: Float32Array | null;
  readonly truncated: boolean;
  readonly tokens: number;
}

export interface EmbeddedPage {
  readonly size: PageSize;
  readonly crops: readonly Crop[];
  readonly compositions: readonly Float32Array[];
  readonly panels: readonly EmbeddedPanel[];
}

/** From panels and pages to vectors: admission, preparation, inference, finishing. */
export class Embedder {
  readonly admission: Admission;
  readonly #pool: EnginePool;
  readonly #preparer: Preparer;
  readonly #observer: EmbeddingObserver;

  constructor(pool: EnginePool, limits: PrepareLimits & { maxQueueItems: number }, observer: EmbeddingObserver) {
    this.admission = new Admission(limits.maxQueueItems, 'panels');
    this.#pool = pool;
    this.#preparer = new Preparer(limits, observer.time);
    this.#observer = observer;
  }

  /** All panels or none. @throws PanelvecError naming the field of the first that fails */
  panels(model: ServedModel, inputs: readonly PanelInput[], options: EmbedOptions): Promise<EmbeddedPanel[]> {
    return this.#admitted(inputs.length, options.signal, async (signal, giveUp) => {
      const texts = await this.#preparer.texts(model, inputs, signal);
      const jobs = inputs.map(async (input, at) =>
        this.#embed(model, await this.#preparer.panel(model, input, texts[at]!, signal), options, signal),
      );
      return allSettled(jobs, giveUp);
    });
  }

  /** All pages or none; a page without panels counts as one, for it is decoded. */
  pages(model: ServedModel, inputs: readonly PageInput[], options: EmbedOptions): Promise<EmbeddedPage[]> {
    const items = inputs.reduce((total, page) => total + Math.max(1, page.panels.length), 0);
    return this.#admitted(items, options.signal, (signal, giveUp) => {
      const pages = inputs.map(async (input) => {
        const { size, crops, panels } = await this.#preparer.page(model, input, signal);
        const compositions = panels.map((panel) => panel.composition!);
        const jobs = panels.map((panel) => this.#embed(model, panel, options, signal));
        return { size, crops, compositions, panels: await allSettled(jobs, giveUp) };
      });
      return allSettled(pages, giveUp);
    });
  }

  /**
   * Panels that callers have prepared themselves, and what the engine makes of them as it is: all or none.
   * @throws PanelvecError naming the first that has no finite vector
   */
  prepared(
    { model }: ServedModel,
    panels: readonly PreparedPanel[],
    outputs: readonly Output[],
    abandoned: AbortSignal,
  ): Promise<EngineResult[]> {
    return this.#admitted(panels.length, abandoned, (signal, giveUp) => {
      const jobs = panels.map(async ({ param, truncated: _, ...contents }) => {
        const result = await this.#pool.run(model.id, { ...contents, outputs }, signal);
        assertFinite(result, param);
        const present = modalitiesOf(contents).filter((modality) => !contents.masked?.includes(modality));
        if (present.length > 0) this.#observer.embedded(present);
        return result;
      });
      return allSettled(jobs, giveUp);
    });
  }

  /**
   * Counts panels until all work on them has ended: what goes on after its request has failed still fills the house.
   * The signal tells what has not begun that nobody wants it: the first part has failed, or the client has gone away.
   */
  async #admitted<T>(
    items: number,
    abandoned: AbortSignal | undefined,
    work: (signal: AbortSignal, giveUp: () => void) => Promise<T>,
  ): Promise<T> {
    const release = this.admission.reserve(items);
    const leave = this.#pool.attend();
    const failed = new AbortController();
    const signal = abandoned ? AbortSignal.any([abandoned, failed.signal]) : failed.signal;
    try {
      return await work(signal, () => failed.abort());
    } finally {
      release();
      leave();
    }
  }

  async #embed(
    { model }: ServedModel,
    panel: PreparedPanel,
    options: EmbedOptions,
    signal: AbortSignal,
  ): Promise<EmbeddedPanel> {
    const { param, truncated, ...contents } = panel;
    const modalities = modalitiesOf(contents);
    const outputs = options.outputs.filter((output) => output === 'fused' || modalities.includes(output));
    const result = await this.#pool.run(model.id, { ...contents, outputs }, signal);
    assertFinite(result, param);
    this.#observer.embedded(modalities);
    const vectors = options.outputs.map((output) => {
      const vector = result.vectors[output];
      return [output, vector ? finishVector(vector, options.dimensions, options.normalize) : null];
    });
    return {
      vectors: Object.fromEntries(vectors),
      modalities,
      gate: result.gate,
      backbones: result.backbones,
      truncated,
      tokens: contents.tokens?.length ?? 0,
    };
  }
}

/** An infinity or a NaN would poison every index and average that it gets into. */
function assertFinite({ vectors }: EngineResult, param: string): void {
  if (Object.values(vectors).every(isFiniteVector)) return;
  throw new PanelvecError('vector_not_finite', 'the model gives no finite vector for this panel', { param });
}
