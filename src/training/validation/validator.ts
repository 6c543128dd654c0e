import { toModel } from '../../graph/emit/emit.ts';
import { createSession, ort, type SessionOptions } from '../../inference/engine/session.ts';
import type { HeadSpec } from '../../model/head/head-spec.ts';
import { floatsOf } from '../../weights/float-tensor.ts';
import type { Tensor } from '../../weights/safetensors-reader.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { batchFeeds } from '../data/feeds.ts';
import type { TrainingPage, TrainingSet } from '../data/training-set.ts';
import { evaluationGraph, VIEWS } from '../graphs/evaluation-graph.ts';
import type { Pooled } from '../graphs/loss.ts';
import { CounterRandom } from '../random/counter-random.ts';
import { OBJECTIVES, type ObjectiveOptions } from '../training-spec.ts';
import { type RetrievalMeasures, type RetrievalVectors, retrievalMeasures } from './retrieval.ts';

/** Panels that are looked for among each other: the work grows with their square. */
const MOST_PANELS = 1024;

export interface ValidationOptions extends SessionOptions {
  readonly objectives: ObjectiveOptions;
  readonly batchSize: number;
  readonly seed: number;
}

/** Measures of held-out pages: losses by name, and retrieval */
export type Validation = Readonly<Record<string, number>> & RetrievalMeasures;

/** Weighs held-out pages, the same way each time: the same batches, the same hidden panels, nothing dropped. */
export class Validator {
  readonly #session: ort.InferenceSession;
  readonly #set: TrainingSet;
  readonly #pages: readonly TrainingPage[];
  readonly #spec: HeadSpec;
  readonly #options: ValidationOptions;

  private constructor(
    session: ort.InferenceSession,
    set: TrainingSet,
    pages: readonly TrainingPage[],
    spec: HeadSpec,
    options: ValidationOptions,
  ) {
    this.#session = session;
    this.#set = set;
    this.#pages = new CounterRandom(options.seed, 'validation').shuffled(pages);
    this.#spec = spec;
    this.#options = options;
  }

  /** @param keys of the weights that change from one validation to the next */
  static async create(
    weights: WeightSource,
    spec: HeadSpec,
    pooled: Pooled,
    keys: ReadonlySet<string>,
    data: { readonly set: TrainingSet; readonly pages: readonly TrainingPage[] },
    options: ValidationOptions,
  ): Promise<Validator> {
    const graph = evaluationGraph(weights, spec, options.objectives, pooled, keys);
    return new Validator(await createSession(toModel(graph), options), data.set, data.pages, spec, options);
  }

  /** @param weights those that change */
  async validate(weights: ReadonlyMap<string, Tensor>, signal: AbortSignal): Promise<Validation> {
    const { dimensions } = this.#spec;
    const state = Object.fromEntries(
      [...weights].map(([key, tensor]) => [key, new ort.Tensor('float32', floatsOf(tensor), tensor.shape)]),
    );
    const sums: Record<string, number> = {};
    const seen = { whole: [] as Float32Array[], image: [] as Float32Array[], text: [] as Float32Array[] };
    const rows = { page: [] as number[], hasImage: [] as boolean[], hasText: [] as boolean[] };
    const { batchSize, seed } = this.#options;
    for (let at = 0; at < this.#pages.length; at += batchSize) {
      signal.throwIfAborted();
      const pages = this.#pages.slice(at, at + batchSize);
      const random = (purpose: string) => new CounterRandom(seed, 'validation', at, purpose);
      const feeds = await batchFeeds(this.#set, pages, { dropouts: [], dropout: 0, modalityDropout: 0 }, random);
      const found = await this.#session.run({ ...feeds, ...state });
      const values = (name: string) => found[name]?.data as Float32Array | undefined;
      for (const name of ['loss', ...OBJECTIVES]) {
        const value = values(name)?.[0];
        if (value !== undefined) sums[name] = (sums[name] ?? 0) + value * pages.length;
      }
      if (rows.page.length >= MOST_PANELS) continue;
      for (const view of VIEWS) seen[view].push(Float32Array.from(values(view)!));
      const present = feeds['present']!.data as Float32Array;
      rows.page.push(...pages.flatMap(({ rows: count }, page) => new Array<number>(count).fill(at + page)));
      for (let row = 0; row < present.length / 3; row++) {
        rows.hasImage.push(present[3 * row] === 1);
        rows.hasText.push(present[3 * row + 1] === 1);
      }
    }
    const vectors: RetrievalVectors = {
      dimensions,
      whole: joined(seen.whole),
      image: joined(seen.image),
      text: joined(seen.text),
      ...rows,
    };
    const losses = Object.entries(sums).map(([name, sum]) => [`validation_${name}`, sum / this.#pages.length]);
    return { ...Object.fromEntries(losses), ...retrievalMeasures(vectors) };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
