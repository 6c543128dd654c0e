import { defineHeadGraph, HEAD_GRAPHS, type HeadGraph, isHeadKey } from '../../architectures/head/head.ts';
import { toOnnxModel } from '../../graph/emit/emit.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/modality.ts';
import { type Model, modelFilePath, toHeadSpec } from '../../model/model.ts';
import { createSession, ort, readFloatOutput, type SessionOptions } from '../../onnxruntime/session.ts';
import { StateDict } from '../../weights/state-dict.ts';
import { bucketFor } from './buckets.ts';

/** Rows of float32 by input name: n rows of `width` numbers. */
export type InputRows = Readonly<Record<string, { readonly data: Float32Array; readonly width: number }>>;

/** The four graphs of a head, each a session. Rows are padded to warmed sizes of two or more (see TextEncoder). */
export class HeadSessions {
  readonly #sessions: Readonly<Record<HeadGraph, ort.InferenceSession>>;
  readonly #buckets: readonly number[];

  private constructor(sessions: Readonly<Record<HeadGraph, ort.InferenceSession>>, buckets: readonly number[]) {
    this.#sessions = sessions;
    this.#buckets = buckets;
  }

  static async load(model: Model, options: SessionOptions, buckets: readonly number[]): Promise<HeadSessions> {
    const weights = await StateDict.read(modelFilePath(model, model.spec.head.weights), isHeadKey);
    const spec = toHeadSpec(model.spec);
    const sessions: Partial<Record<HeadGraph, ort.InferenceSession>> = {};
    for (const graph of HEAD_GRAPHS) {
      sessions[graph] = await createSession(toOnnxModel(defineHeadGraph(graph, weights, spec)), options);
    }
    const head = new HeadSessions(sessions as Record<HeadGraph, ort.InferenceSession>, buckets);
    await head.#warmUp(model);
    return head;
  }

  async #warmUp({ spec }: Model): Promise<void> {
    const dimensions = spec.dimensions;
    const widths: Readonly<Record<HeadGraph, Readonly<Record<string, number>>>> = {
      vision: Object.fromEntries(spec.vision.backbones.map(({ name, features }) => [name, features])),
      text: { text_features: spec.text.features },
      composition: { comp_feats: COMPOSITION_FEATURES },
      fusion: { vision: dimensions, text: dimensions, composition: dimensions, modality_mask: MODALITIES.length },
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
  async run(graph: HeadGraph, rowCount: number, rows: InputRows): Promise<Record<string, Float32Array>> {
    const session = this.#sessions[graph];
    const size = bucketFor(rowCount, this.#buckets);
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
        const values = readFloatOutput(outputs, name);
        return [name, values.subarray(0, (values.length / size) * rowCount)];
      }),
    );
  }
}
