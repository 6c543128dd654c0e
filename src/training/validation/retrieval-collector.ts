import type { ort } from '../../onnxruntime/session.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import type { TrainingPage } from '../data/training-set.ts';
import type { Feeds } from '../step/batch-feeds.ts';
import {
  computeDescriptionMetrics,
  computeRetrievalMetrics,
  type DescriptionMetrics,
  type RetrievalMetrics,
} from './retrieval-metrics.ts';

type Outputs = ort.InferenceSession.OnnxValueMapType;

const VECTORS = ['whole', 'image', 'text', 'stored', 'description'] as const;

/** Collects the vectors of the batches for retrieval. */
export class RetrievalCollector {
  readonly #dimensions: number;
  readonly #vectors = Object.fromEntries(VECTORS.map((name) => [name, []])) as unknown as Readonly<
    Record<(typeof VECTORS)[number], Float32Array[]>
  >;
  readonly #page: number[] = [];
  readonly #hasImage: boolean[] = [];
  readonly #hasText: boolean[] = [];
  readonly #hasDescription: boolean[] = [];

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  get panels(): number {
    return this.#page.length;
  }

  add(pages: readonly TrainingPage[], firstPage: number, feeds: Feeds, outputs: Outputs): void {
    for (const name of ['whole', 'image', 'text'] as const) this.#vectors[name].push(copyOf(outputs[name]));
    for (const [i, { rows }] of pages.entries()) this.#page.push(...new Array<number>(rows).fill(firstPage + i));
    const present = copyOf(feeds['present']);
    for (let offset = 0; offset < present.length; offset += 3) {
      this.#hasImage.push(present[offset] === 1);
      this.#hasText.push(present[offset + 1] === 1);
    }
  }

  /** Adds the vectors of the same panels without their descriptions, and of their descriptions alone. */
  addDescribed(hasDescription: readonly boolean[], outputs: Readonly<Record<'stored' | 'description', Outputs>>): void {
    this.#vectors.stored.push(copyOf(outputs.stored['whole']));
    this.#vectors.description.push(copyOf(outputs.description['text']));
    this.#hasDescription.push(...hasDescription);
  }

  metrics(): RetrievalMetrics & Partial<DescriptionMetrics> {
    const joined = (name: (typeof VECTORS)[number]) => concatenateFloats(this.#vectors[name]);
    const shared = { dimensions: this.#dimensions, image: joined('image'), hasImage: this.#hasImage };
    const [page, hasText, hasDescription] = [this.#page, this.#hasText, this.#hasDescription];
    const metrics = computeRetrievalMetrics({ ...shared, whole: joined('whole'), text: joined('text'), page, hasText });
    if (!hasDescription.includes(true)) return metrics;
    const described = { stored: joined('stored'), description: joined('description'), hasDescription };
    return { ...metrics, ...computeDescriptionMetrics({ ...shared, ...described }) };
  }
}

function copyOf(tensor: ort.Tensor | undefined): Float32Array {
  return Float32Array.from(tensor?.data instanceof Float32Array ? tensor.data : []);
}
