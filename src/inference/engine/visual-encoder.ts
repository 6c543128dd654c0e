import {
  buildVisualGraph,
  NORMALISED_INPUT,
  PIXELS_INPUT,
  visualOutputName,
} from '../../architectures/encoders/visual-graph.ts';
import type { Model } from '../../model/model.ts';
import type { BackboneSpec } from '../../model/model-spec.ts';
import { createSession, ort, readRowsOutput, type SessionOptions } from '../../onnxruntime/session.ts';
import { cutIntoBuckets } from './buckets.ts';

/** RGB bytes (size * size * 3), or floats as the model's first backbone normalises them (3 * size * size). */
export type EncoderImage = Uint8Array | Float32Array;

/** One visual backbone: pixels to pooled features, in batches of warmed sizes. */
export class VisualEncoder {
  readonly #session: ort.InferenceSession;
  readonly #backbone: BackboneSpec;
  readonly #imageSize: number;
  readonly #strategy: 'exact' | 'pad';
  readonly #buckets: readonly number[];

  private constructor(
    session: ort.InferenceSession,
    backbone: BackboneSpec,
    imageSize: number,
    options: SessionOptions,
    buckets: readonly number[],
  ) {
    this.#session = session;
    this.#backbone = backbone;
    this.#imageSize = imageSize;
    this.#strategy = options.provider === 'cpu' ? 'exact' : 'pad';
    this.#buckets = buckets;
  }

  static async load(
    model: Model,
    backbone: BackboneSpec,
    options: SessionOptions,
    buckets: readonly number[],
  ): Promise<VisualEncoder> {
    const { image_size: size } = model.spec.vision;
    const session = await createSession(await buildVisualGraph(model, backbone), options);
    const encoder = new VisualEncoder(session, backbone, size, options, buckets);
    const blank = new Uint8Array(size * size * 3);
    for (const bucket of buckets) await encoder.encode(new Array<Uint8Array>(bucket).fill(blank));
    return encoder;
  }

  /** n images -> (n, features), row after row */
  async encode(images: readonly EncoderImage[]): Promise<Float32Array> {
    const { features } = this.#backbone;
    const pooled = new Float32Array(images.length * features);
    // Rows of one kind run together: so only shapes run that were warmed, or are one door's alone.
    const byKind = Map.groupBy(images.keys(), (index) => images[index] instanceof Uint8Array);
    for (const indices of byKind.values()) {
      for (const { start, count, size } of cutIntoBuckets(indices.length, this.#buckets, this.#strategy)) {
        const chunkIndices = indices.slice(start, start + count);
        const rows = await this.#run(
          chunkIndices.map((index) => images[index]!),
          size,
        );
        chunkIndices.forEach((index, row) => {
          pooled.set(rows.subarray(row * features, (row + 1) * features), index * features);
        });
      }
    }
    return pooled;
  }

  /** Images of one kind, padded to `size` rows, through the door of their kind */
  async #run(images: readonly EncoderImage[], size: number): Promise<Float32Array> {
    const side = this.#imageSize;
    const values = 3 * side * side;
    const isBytes = images[0] instanceof Uint8Array;
    const rows = isBytes ? new Uint8Array(size * values) : new Float32Array(size * values);
    images.forEach((image, row) => {
      rows.set(image, row * values);
    });
    const unusedInput = isBytes ? new Float32Array() : new Uint8Array();
    const [pixels, normalised] = isBytes ? [rows, unusedInput] : [unusedInput, rows];
    const feeds = {
      [PIXELS_INPUT]: new ort.Tensor('uint8', pixels as Uint8Array, [pixels.length / values, side, side, 3]),
      [NORMALISED_INPUT]: new ort.Tensor('float32', normalised as Float32Array, [
        normalised.length / values,
        3,
        side,
        side,
      ]),
    };
    const { encoder, features } = this.#backbone;
    return readRowsOutput(await this.#session.run(feeds), visualOutputName(encoder), [size, features]);
  }
}
