import { toOnnxModel } from '../../graph/emit/emit.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import { createSession, ort, type SessionOptions } from '../../onnxruntime/session.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import { CounterRandom } from '../../util/counter-random.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { float32View } from '../../weights/tensor.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { batchFeeds } from '../data/batch-feeds.ts';
import type { TrainingPage, TrainingSet } from '../data/training-set.ts';
import type { EncoderOutputs } from '../graphs/batch-losses.ts';
import { evaluationGraph, VIEWS } from '../graphs/evaluation-graph.ts';
import { OBJECTIVES, type ObjectiveOptions } from '../training-spec.ts';
import { computeRetrievalMetrics, type RetrievalMetrics, type RetrievalVectors } from './retrieval-metrics.ts';

/** Panels that are looked for among each other: the work grows with their square. */
const MAX_RETRIEVAL_PANELS = 1024;

export interface ValidationOptions extends SessionOptions {
  readonly objectives: ObjectiveOptions;
  readonly batchSize: number;
  readonly seed: number;
}

/** Measures of held-out pages: losses by name, and retrieval */
export type ValidationMetrics = Readonly<Record<string, number>> & RetrievalMetrics;

/** Weighs held-out pages, the same way each time: the same batches, the same hidden panels, nothing dropped. */
export class Validator {
  readonly #session: ort.InferenceSession;
  readonly #trainingSet: TrainingSet;
  readonly #pages: readonly TrainingPage[];
  readonly #spec: HeadSpec;
  readonly #options: ValidationOptions;

  private constructor(
    session: ort.InferenceSession,
    trainingSet: TrainingSet,
    pages: readonly TrainingPage[],
    spec: HeadSpec,
    options: ValidationOptions,
  ) {
    this.#session = session;
    this.#trainingSet = trainingSet;
    this.#pages = new CounterRandom(options.seed, 'validation').shuffled(pages);
    this.#spec = spec;
    this.#options = options;
  }

  /** @param variableKeys of the weights that change from one validation to the next */
  static async create(
    weights: WeightSource,
    spec: HeadSpec,
    encoderOutputs: EncoderOutputs,
    variableKeys: ReadonlySet<string>,
    data: { readonly trainingSet: TrainingSet; readonly pages: readonly TrainingPage[] },
    options: ValidationOptions,
  ): Promise<Validator> {
    const graph = evaluationGraph(weights, spec, options.objectives, encoderOutputs, variableKeys);
    return new Validator(await createSession(toOnnxModel(graph), options), data.trainingSet, data.pages, spec, options);
  }

  /** @param weights those that change */
  async validate(weights: ReadonlyMap<string, Tensor>, signal: AbortSignal): Promise<ValidationMetrics> {
    const { dimensions } = this.#spec;
    const weightFeeds = Object.fromEntries(
      [...weights].map(([key, tensor]) => [key, new ort.Tensor('float32', float32View(tensor), tensor.shape)]),
    );
    const sums: Record<string, number> = {};
    const viewBatches = { whole: [] as Float32Array[], image: [] as Float32Array[], text: [] as Float32Array[] };
    const rows = { page: [] as number[], hasImage: [] as boolean[], hasText: [] as boolean[] };
    const { batchSize, seed } = this.#options;
    for (let offset = 0; offset < this.#pages.length; offset += batchSize) {
      signal.throwIfAborted();
      const pages = this.#pages.slice(offset, offset + batchSize);
      const random = (purpose: string) => new CounterRandom(seed, 'validation', offset, purpose);
      const feeds = await batchFeeds(
        this.#trainingSet,
        pages,
        { dropouts: [], dropout: 0, modalityDropout: 0 },
        random,
      );
      const outputs = await this.#session.run({ ...feeds, ...weightFeeds });
      const values = (name: string) => outputs[name]?.data as Float32Array | undefined;
      for (const name of ['loss', ...OBJECTIVES]) {
        const value = values(name)?.[0];
        if (value !== undefined) sums[name] = (sums[name] ?? 0) + value * pages.length;
      }
      if (rows.page.length >= MAX_RETRIEVAL_PANELS) continue;
      for (const view of VIEWS) viewBatches[view].push(Float32Array.from(values(view)!));
      const present = feeds['present']!.data as Float32Array;
      rows.page.push(...pages.flatMap(({ rows: count }, page) => new Array<number>(count).fill(offset + page)));
      for (let row = 0; row < present.length / 3; row++) {
        rows.hasImage.push(present[3 * row] === 1);
        rows.hasText.push(present[3 * row + 1] === 1);
      }
    }
    const vectors: RetrievalVectors = {
      dimensions,
      whole: concatenateFloats(viewBatches.whole),
      image: concatenateFloats(viewBatches.image),
      text: concatenateFloats(viewBatches.text),
      ...rows,
    };
    const losses = Object.entries(sums).map(([name, sum]) => [`validation_${name}`, sum / this.#pages.length]);
    return { ...Object.fromEntries(losses), ...computeRetrievalMetrics(vectors) };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
