import { type GraphDefinition, toOnnxModel } from '../../graph/emit/emit.ts';
import { createSession, ort, type SessionOptions } from '../../onnxruntime/session.ts';
import { CounterRandom } from '../../util/counter-random.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { float32View } from '../../weights/tensor.ts';
import type { TrainingPage, TrainingSet } from '../data/training-set.ts';
import { batchFeeds } from '../step/batch-feeds.ts';
import { OBJECTIVES } from '../training-spec.ts';
import { describedFeeds } from './description-feeds.ts';
import { RetrievalCollector } from './retrieval-collector.ts';
import type { DescriptionMetrics, RetrievalMetrics } from './retrieval-metrics.ts';

/** Panels that take part in retrieval: the work grows with their square. */
const MAX_RETRIEVAL_PANELS = 1024;
/** Each panel as it is. */
const NOTHING_DRAWN = { dropouts: [], dropout: 0, modalityDropout: 0, views: 0, texts: 'joined' } as const;

/** Pages for validation, and the training set that they are read from. */
export interface ValidationSet {
  readonly trainingSet: TrainingSet;
  readonly pages: readonly TrainingPage[];
}

export interface ValidatorOptions extends SessionOptions {
  /** Of the fused vectors */
  readonly dimensions: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** Metrics of the pages for validation: losses by name, and retrieval. */
export type ValidationMetrics = Readonly<Record<string, number>> & RetrievalMetrics & Partial<DescriptionMetrics>;

/** Validates a model the same way each time: the same batches, the same hidden panels, no dropout. */
export class Validator {
  readonly #session: ort.InferenceSession;
  readonly #trainingSet: TrainingSet;
  readonly #pages: readonly TrainingPage[];
  readonly #options: ValidatorOptions;

  private constructor(session: ort.InferenceSession, { trainingSet, pages }: ValidationSet, options: ValidatorOptions) {
    this.#session = session;
    this.#trainingSet = trainingSet;
    this.#pages = new CounterRandom(options.seed, 'validation').shuffled(pages);
    this.#options = options;
  }

  /** @param graph an evaluation graph, whose variables are inputs */
  static async create(graph: GraphDefinition, set: ValidationSet, options: ValidatorOptions): Promise<Validator> {
    return new Validator(await createSession(toOnnxModel(graph), options), set, options);
  }

  /** @param weights values of the graph's variables */
  async validate(weights: ReadonlyMap<string, Tensor>, signal: AbortSignal): Promise<ValidationMetrics> {
    const { batchSize, seed, dimensions } = this.#options;
    const weightFeeds = Object.fromEntries(
      [...weights].map(([key, tensor]) => [key, new ort.Tensor('float32', float32View(tensor), tensor.shape)]),
    );
    const lossSums: Record<string, number> = {};
    const collector = new RetrievalCollector(dimensions);
    for (let offset = 0; offset < this.#pages.length; offset += batchSize) {
      signal.throwIfAborted();
      const pages = this.#pages.slice(offset, offset + batchSize);
      const feeds = await batchFeeds(this.#trainingSet, pages, NOTHING_DRAWN, [seed, 'validation', offset]);
      const outputs = await this.#session.run({ ...feeds, ...weightFeeds });
      for (const name of ['loss', ...OBJECTIVES]) {
        const [value] = floatData(outputs[name]);
        if (value !== undefined) lossSums[name] = (lossSums[name] ?? 0) + value * pages.length;
      }
      if (collector.panels < MAX_RETRIEVAL_PANELS) {
        collector.add(pages, offset, feeds, outputs);
        const described = await describedFeeds(this.#trainingSet, pages, feeds);
        if (described) {
          const stored = await this.#session.run({ ...described.stored, ...weightFeeds });
          const description = await this.#session.run({ ...described.description, ...weightFeeds });
          collector.addDescribed(described.hasDescription, { stored, description });
        }
      }
    }
    const losses = Object.entries(lossSums).map(([name, sum]) => [`validation_${name}`, sum / this.#pages.length]);
    return { ...Object.fromEntries(losses), ...collector.metrics() };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** Nothing where a graph lacks the output: an objective without weight has no loss. */
function floatData(tensor: ort.Tensor | undefined): Float32Array {
  return tensor?.data instanceof Float32Array ? tensor.data : new Float32Array();
}
