import { type AnyTextSpec, buildTextGraph, textTensorNames } from '../../architectures/encoders/text-graph.ts';
import type { Model } from '../../model/model.ts';
import { createSession, ort, readRowsOutput, type SessionOptions } from '../../onnxruntime/session.ts';
import { textBatchSizesAtLength } from './batch-sizes.ts';
import { bucketFor, bucketSizes, cutIntoBuckets } from './buckets.ts';

/** The shortest length that texts are padded to. */
const MIN_LENGTH = 16;

/**
 * A text encoder: token ids to pooled features. Texts of one length bucket run together. A text's bucket depends on its
 * own length alone, so its features do not depend on its neighbours (see `textBatchSizes`).
 */
export class TextEncoder {
  readonly #session: ort.InferenceSession;
  readonly #spec: AnyTextSpec;
  /** The numbers of rows that run together, by the length that they are padded to */
  readonly #batchSizes: ReadonlyMap<number, readonly number[]>;
  readonly #lengthBuckets: readonly number[];
  readonly #padToken: number;

  private constructor(
    session: ort.InferenceSession,
    spec: AnyTextSpec,
    { provider }: SessionOptions,
    batchSizes: readonly number[],
  ) {
    this.#session = session;
    this.#spec = spec;
    this.#padToken = spec.encoder.kind === 'siglip_text' ? spec.encoder.pad_token : 0;
    const minLength = spec.encoder.kind === 'siglip_text' ? spec.max_tokens : Math.min(MIN_LENGTH, spec.max_tokens);
    const lengthBuckets = bucketSizes(minLength, spec.max_tokens);
    this.#lengthBuckets = lengthBuckets.with(-1, spec.max_tokens);
    this.#batchSizes = new Map(
      this.#lengthBuckets.map((length) => [length, textBatchSizesAtLength(batchSizes, length, provider)]),
    );
  }

  /** Opens the session and runs every batch size once. */
  static async load(
    model: Model,
    text: AnyTextSpec,
    options: SessionOptions,
    batchSizes: readonly number[],
  ): Promise<TextEncoder> {
    const session = await createSession(await buildTextGraph(model, text), options);
    const encoder = new TextEncoder(session, text, options, batchSizes);
    for (const [length, sizes] of encoder.#batchSizes) {
      for (const size of sizes) await encoder.encode(new Array<Int32Array>(size).fill(new Int32Array(length)));
    }
    return encoder;
  }

  /** Encodes n texts, given as token ids (a negative id marks a masked position) -> (n, features), row after row */
  async encode(texts: readonly Int32Array[]): Promise<Float32Array> {
    const { features } = this.#spec;
    const pooled = new Float32Array(texts.length * features);
    const byLength = Map.groupBy(texts.entries(), ([, tokens]) => bucketFor(tokens.length, this.#lengthBuckets));
    for (const [length, entries] of byLength) {
      for (const { start, count, size } of cutIntoBuckets(entries.length, this.#batchSizes.get(length) ?? [], 'pad')) {
        const chunk = entries.slice(start, start + count);
        const rows = await this.#run(
          chunk.map(([, tokens]) => tokens),
          size,
          length,
        );
        for (const [row, [index]] of chunk.entries())
          pooled.set(rows.subarray(row * features, (row + 1) * features), index * features);
      }
    }
    return pooled;
  }

  /** Runs texts, padded to `size` rows of `length` tokens. */
  async #run(texts: readonly Int32Array[], size: number, length: number): Promise<Float32Array> {
    const ids = new BigInt64Array(size * length).fill(BigInt(this.#padToken));
    const mask = new BigInt64Array(size * length);
    for (const [row, tokens] of texts.entries()) {
      for (const [position, token] of tokens.entries()) {
        if (token < 0) continue;
        ids[row * length + position] = BigInt(token);
        mask[row * length + position] = 1n;
      }
    }
    const { input_ids, attention_mask, output } = textTensorNames(this.#spec);
    const feeds = {
      [input_ids]: new ort.Tensor('int64', ids, [size, length]),
      ...(attention_mask && { [attention_mask]: new ort.Tensor('int64', mask, [size, length]) }),
    };
    return readRowsOutput(await this.#session.run(feeds, [output]), output, [size, this.#spec.features]);
  }
}
