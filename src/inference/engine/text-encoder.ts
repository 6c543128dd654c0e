import { textGraph, textNames } from '../../model/encoders/text-graph.ts';
import type { Model } from '../../model/model.ts';
import type { TextSpec } from '../../model/model-spec.ts';
import { bucketFor, bucketSizes, type Chunk, cutIntoBuckets } from './buckets.ts';
import { createSession, ort, rowsOutput, type SessionOptions } from './session.ts';

/** The shortest length that texts are padded to. */
const SHORTEST = 16;

/**
 * The text encoder: token ids to pooled features. Texts of one length bucket run together. A text's bucket depends on its
 * own length alone, so its features do not depend on its neighbours (see textRunSizes).
 */
export class TextEncoder {
  readonly #session: ort.InferenceSession;
  readonly #spec: TextSpec;
  readonly #rows: readonly number[];
  readonly #lengths: readonly number[];

  private constructor(session: ort.InferenceSession, spec: TextSpec, rows: readonly number[]) {
    this.#session = session;
    this.#spec = spec;
    this.#rows = rows;
    const lengths = bucketSizes(Math.min(SHORTEST, spec.max_tokens), spec.max_tokens);
    this.#lengths = lengths.with(-1, spec.max_tokens);
  }

  static async load(model: Model, options: SessionOptions, rows: readonly number[]): Promise<TextEncoder> {
    const { text } = model.spec;
    const session = await createSession(await textGraph(model), options);
    const encoder = new TextEncoder(session, text, rows);
    for (const length of encoder.#lengths) {
      for (const bucket of rows) await encoder.encode(new Array<Int32Array>(bucket).fill(new Int32Array(length)));
    }
    return encoder;
  }

  /** n texts as token ids, negative where a place is not looked at -> (n, features), row after row */
  async encode(texts: readonly Int32Array[]): Promise<Float32Array> {
    const { features } = this.#spec;
    const pooled = new Float32Array(texts.length * features);
    const byLength = Map.groupBy(texts.keys(), (at) => bucketFor(texts[at]!.length, this.#lengths));
    for (const [length, members] of byLength) {
      for (const chunk of cutIntoBuckets(members.length, this.#rows, 'pad')) {
        const chosen = members.slice(chunk.start, chunk.start + chunk.count);
        const rows = await this.#run(
          chosen.map((at) => texts[at]!),
          chunk,
          length,
        );
        chosen.forEach((at, row) => {
          pooled.set(rows.subarray(row * features, (row + 1) * features), at * features);
        });
      }
    }
    return pooled;
  }

  async #run(texts: readonly Int32Array[], { size }: Chunk, length: number): Promise<Float32Array> {
    const ids = new BigInt64Array(size * length);
    const mask = new BigInt64Array(size * length);
    texts.forEach((tokens, row) => {
      tokens.forEach((token, at) => {
        if (token < 0) return;
        ids[row * length + at] = BigInt(token);
        mask[row * length + at] = 1n;
      });
    });
    const { input_ids, attention_mask, output } = textNames(this.#spec.encoder);
    const feeds = {
      [input_ids]: new ort.Tensor('int64', ids, [size, length]),
      [attention_mask]: new ort.Tensor('int64', mask, [size, length]),
    };
    return rowsOutput(await this.#session.run(feeds, [output]), output, [size, this.#spec.features]);
  }
}
