import { readFile } from 'node:fs/promises';
import { PIXELS, pixelEncoder } from '../../model/encoders/pixel-encoder.ts';
import { type Model, modelFile } from '../../model/model.ts';
import type { BackboneSpec } from '../../model/model-spec.ts';
import { type Chunk, cutIntoBuckets } from './buckets.ts';
import { createSession, floatOutput, ort, rowsOutput, type SessionOptions } from './session.ts';

/** One visual backbone: pixels to pooled features, in batches of warmed sizes. */
export class VisualEncoder {
  readonly #session: ort.InferenceSession;
  readonly #backbone: BackboneSpec;
  readonly #imageSize: number;
  readonly #rule: 'exact' | 'pad';
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
    this.#rule = options.provider === 'cpu' ? 'exact' : 'pad';
    this.#buckets = buckets;
  }

  static async load(
    model: Model,
    backbone: BackboneSpec,
    options: SessionOptions,
    buckets: readonly number[],
  ): Promise<VisualEncoder> {
    const { image_size: size } = model.spec.vision;
    const bytes = await pixelEncoder(modelFile(model, backbone.encoder.file), backbone, size);
    const encoder = new VisualEncoder(await createSession(bytes, options), backbone, size, options, buckets);
    const blank = new Uint8Array(size * size * 3);
    for (const bucket of buckets) await encoder.encode(new Array<Uint8Array>(bucket).fill(blank));
    return encoder;
  }

  /** n images of size * size * 3 bytes -> (n, features), row after row */
  async encode(images: readonly Uint8Array[]): Promise<Float32Array> {
    const { features } = this.#backbone;
    const pooled = new Float32Array(images.length * features);
    for (const chunk of cutIntoBuckets(images.length, this.#buckets, this.#rule)) {
      const rows = await this.#run(images, chunk);
      pooled.set(rows.subarray(0, chunk.count * features), chunk.start * features);
    }
    return pooled;
  }

  async #run(images: readonly Uint8Array[], { start, count, size }: Chunk): Promise<Float32Array> {
    const imageBytes = this.#imageSize * this.#imageSize * 3;
    const pixels = new Uint8Array(size * imageBytes);
    for (let row = 0; row < count; row++) pixels.set(images[start + row]!, row * imageBytes);
    const tensor = new ort.Tensor('uint8', pixels, [size, this.#imageSize, this.#imageSize, 3]);
    const { encoder, features } = this.#backbone;
    return rowsOutput(await this.#session.run({ [PIXELS]: tensor }), encoder.output, [size, features]);
  }

  /**
   * What the backbone makes of an all-zero normalised image (1, features): how the original fills the slot of an
   * absent picture. No bytes are normalised to exact zeros, so the encoder runs once without the pixel front.
   */
  static async absentFeatures(model: Model, backbone: BackboneSpec, options: SessionOptions): Promise<Float32Array> {
    const { image_size: size } = model.spec.vision;
    const session = await createSession(await readFile(modelFile(model, backbone.encoder.file)), options);
    const zeros = new ort.Tensor('float32', new Float32Array(3 * size * size), [1, 3, size, size]);
    const outputs = await session.run({ [backbone.encoder.input]: zeros }, [backbone.encoder.output]);
    const features = floatOutput(outputs, backbone.encoder.output);
    await session.release();
    return features;
  }
}
