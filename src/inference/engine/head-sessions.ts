import { defineHeadGraph, HEAD_GRAPHS, type HeadGraph, isHeadKey } from '../../architectures/head/head.ts';
import { toOnnxModel } from '../../graph/emit/emit.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/modality.ts';
import { type Model, modelFilePath, toHeadSpec } from '../../model/model.ts';
import { createSession, ort, readFloatOutput, type SessionOptions } from '../../onnxruntime/session.ts';
import { StateDict } from '../../weights/state-dict.ts';
import { bucketFor } from './buckets.ts';

/** Rows of float32 by input name: n rows of `width` numbers. */
export type InputRows = Readonly<Record<string, { readonly data: Float32Array; readonly width: number }>>;

/** Rows of float32 by output name. */
export type OutputRows = Readonly<Record<string, Float32Array>>;

/** The rows of an output that the graph always has. */
export function getRows(outputs: OutputRows, name: string): Float32Array {
  const rows = outputs[name];
  if (rows === undefined) throw new Error(`the graph of the head has no output "${name}"`);
  return rows;
}

/** The four graphs of a head, each a session. Rows are padded to warmed sizes of two or more (see `textBatchSizes`). */
export class HeadSessions {
  readonly #sessions: Readonly<Record<HeadGraph, ort.InferenceSession>>;
  readonly #buckets: readonly number[];

  private constructor(sessions: Readonly<Record<HeadGraph, ort.InferenceSession>>, buckets: readonly number[]) {
    this.#sessions = sessions;
    this.#buckets = buckets;
  }

  /** Opens the sessions and runs every batch size once. */
  static async load(model: Model, options: SessionOptions, buckets: readonly number[]): Promise<HeadSessions> {
    const weights = await StateDict.read(modelFilePath(model, model.spec.head.weights), isHeadKey);
    const spec = toHeadSpec(model.spec);
    const open = (graph: HeadGraph) => createSession(toOnnxModel(defineHeadGraph(graph, weights, spec)), options);
    const sessions = {
      vision: await open('vision'),
      text: await open('text'),
      composition: await open('composition'),
      fusion: await open('fusion'),
    };
    const head = new HeadSessions(sessions, buckets);
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

  async close(): Promise<void> {
    for (const session of Object.values(this.#sessions)) await session.release();
  }

  /** Runs a graph over n rows (at most the largest bucket) and returns the rows of each output, without the padding. */
  async run(graph: HeadGraph, rowCount: number, rows: InputRows): Promise<OutputRows> {
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
