import { toModel } from '../../graph/emit/emit.ts';
import { HEAD_GRAPHS, type HeadGraph, headGraph, isHeadKey } from '../../model/head/head.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/head/head-spec.ts';
import { headSpec, type Model, modelFile } from '../../model/model.ts';
import { Checkpoint } from '../../weights/checkpoint.ts';
import { bucketFor } from './buckets.ts';
import { createSession, floatOutput, ort, type SessionOptions } from './session.ts';

/** Rows of float32 by input name: n rows of `width` numbers. */
export type Rows = Readonly<Record<string, { readonly data: Float32Array; readonly width: number }>>;

/** The four graphs of a head, each a session. Rows are padded to warmed sizes of two or more (see TextEncoder). */
export class HeadSessions {
  readonly #sessions: Readonly<Record<HeadGraph, ort.InferenceSession>>;
  readonly #buckets: readonly number[];

  private constructor(sessions: Readonly<Record<HeadGraph, ort.InferenceSession>>, buckets: readonly number[]) {
    this.#sessions = sessions;
    this.#buckets = buckets;
  }

  static async load(model: Model, options: SessionOptions, buckets: readonly number[]): Promise<HeadSessions> {
    const weights = await Checkpoint.read(modelFile(model, model.spec.head.weights), isHeadKey);
    const spec = headSpec(model.spec);
    const sessions: Partial<Record<HeadGraph, ort.InferenceSession>> = {};
    for (const graph of HEAD_GRAPHS) {
      sessions[graph] = await createSession(toModel(headGraph(graph, weights, spec)), options);
    }
    const head = new HeadSessions(sessions as Record<HeadGraph, ort.InferenceSession>, buckets);
    await head.#warm(model);
    return head;
  }

  async #warm({ spec }: Model): Promise<void> {
    const d = spec.dimensions;
    const widths: Readonly<Record<HeadGraph, Readonly<Record<string, number>>>> = {
      vision: Object.fromEntries(spec.vision.backbones.map(({ name, features }) => [name, features])),
      text: { text_features: spec.text.features },
      composition: { comp_feats: COMPOSITION_FEATURES },
      fusion: { vision: d, text: d, composition: d, modality_mask: MODALITIES.length },
    };
    for (const graph of HEAD_GRAPHS) {
      for (const bucket of this.#buckets) {
        const rows = Object.entries(widths[graph]).map(([name, width]) => [
          name,
          { data: new Float32Array(bucket * width), width },
        ]);
        await this.run(graph, bucket, Object.fromEntries(rows));
      }
    }
  }

  /** Runs a graph over n rows (at most the largest bucket) and gives each output's rows without the padding. */
  async run(graph: HeadGraph, n: number, rows: Rows): Promise<Record<string, Float32Array>> {
    const session = this.#sessions[graph];
    const size = bucketFor(n, this.#buckets);
    const feeds = Object.fromEntries(
      Object.entries(rows).map(([name, { data, width }]) => {
        const padded = new Float32Array(size * width);
        padded.set(data);
        return [name, new ort.Tensor('float32', padded, [size, width])];
      }),
    );
    const outputs = await session.run(feeds);
    return Object.fromEntries(
      session.outputNames.map((name) => {
        const values = floatOutput(outputs, name);
        return [name, values.subarray(0, (values.length / size) * n)];
      }),
    );
  }
}
