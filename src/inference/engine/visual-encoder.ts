import {
  buildVisualGraph,
  NORMALISED_INPUT,
  PIXELS_INPUT,
  visualOutputName,
} from '../../architectures/encoders/visual-graph.ts';
import type { Model } from '../../model/model.ts';
import type { BackboneSpec, PictureFormat } from '../../model/model-spec.ts';
import { createSession, ort, readRowsOutput, type SessionOptions } from '../../onnxruntime/session.ts';
import { freeBuffers } from '../../util/free-buffers.ts';
import { countViews } from '../engine-types.ts';
import { cutIntoBuckets } from './buckets.ts';

/**
 * One view or several, one after the other: RGB bytes (size * size * 3), or floats as the model's first backbone normalises
 * them (3 * size * size).
 */
export type EncoderImage = Uint8Array | Float32Array;

/** One visual backbone: pixels to pooled features, in batches of warmed sizes. */
export class VisualEncoder {
  readonly backbone: BackboneSpec;
  readonly #session: ort.InferenceSession;
  readonly #format: PictureFormat;
  readonly #strategy: 'exact' | 'pad';
  readonly #buckets: readonly number[];

  private constructor(
    session: ort.InferenceSession,
    backbone: BackboneSpec,
    format: PictureFormat,
    options: SessionOptions,
    buckets: readonly number[],
  ) {
    this.#session = session;
    this.backbone = backbone;
    this.#format = format;
    this.#strategy = options.provider === 'cpu' ? 'exact' : 'pad';
    this.#buckets = buckets;
  }

  /** Opens the session and runs every batch size once. */
  static async load(
    model: Model,
    backbone: BackboneSpec,
    options: SessionOptions,
    buckets: readonly number[],
  ): Promise<VisualEncoder> {
    const { vision } = model.spec;
    const session = await createSession(await buildVisualGraph(model, backbone), options);
    const encoder = new VisualEncoder(session, backbone, vision, options, buckets);
    const blank = new Uint8Array(3 * vision.image_size ** 2);
    for (const bucket of buckets) await encoder.encode(new Array<Uint8Array>(bucket).fill(blank));
    return encoder;
  }

  /** Encodes n images -> (n, features), row after row: the mean over the views of each */
  async encode(images: readonly EncoderImage[]): Promise<Float32Array> {
    const views = images.map((image) => this.#splitViews(image));
    const pooled = await this.#encodeViews(views.flat());
    const viewCounts = views.map(({ length }) => length);
    return averageRows(pooled, viewCounts, this.backbone.features);
  }

  #splitViews(image: EncoderImage): EncoderImage[] {
    const { image_size: size, grid_views: gridViews } = this.#format;
    const count = countViews(image, this.#format);
    if (count !== 1 && count !== gridViews) {
      throw new Error(`${image.length} values are neither one nor ${gridViews} views of ${size} x ${size} pixels`);
    }
    const length = image.length / count;
    return Array.from({ length: count }, (_, i) => image.subarray(i * length, (i + 1) * length));
  }

  async #encodeViews(images: readonly EncoderImage[]): Promise<Float32Array> {
    const { features } = this.backbone;
    const pooled = new Float32Array(images.length * features);
    // Bytes and floats run apart, because they are two inputs of the graph and each shape must have been warmed.
    const byKind = Map.groupBy(images.entries(), ([, image]) => image instanceof Uint8Array);
    for (const [isBytes, entries] of byKind) {
      for (const { start, count, size } of cutIntoBuckets(entries.length, this.#buckets, this.#strategy)) {
        const chunk = entries.slice(start, start + count);
        const rows = await this.#run(
          chunk.map(([, image]) => image),
          isBytes,
          size,
        );
        for (const [row, [index]] of chunk.entries())
          pooled.set(rows.subarray(row * features, (row + 1) * features), index * features);
      }
    }
    return pooled;
  }

  /** Runs images of one kind, padded to `size` rows. The input of the other kind gets no rows. */
  async #run(images: readonly EncoderImage[], isBytes: boolean, size: number): Promise<Float32Array> {
    const { image_size: side } = this.#format;
    const values = 3 * side * side;
    const byteRows = isBytes ? size : 0;
    const floatRows = isBytes ? 0 : size;
    const bytes = new Uint8Array(byteRows * values);
    const floats = new Float32Array(floatRows * values);
    const rows = isBytes ? bytes : floats;
    for (const [row, image] of images.entries()) rows.set(image, row * values);
    const feeds = {
      [PIXELS_INPUT]: new ort.Tensor('uint8', bytes, [byteRows, side, side, 3]),
      [NORMALISED_INPUT]: new ort.Tensor('float32', floats, [floatRows, 3, side, side]),
    };
    const { encoder, features } = this.backbone;
    const pooled = readRowsOutput(await this.#session.run(feeds), visualOutputName(encoder), [size, features]);
    freeBuffers([bytes, floats]);
    return pooled;
  }
}

/** Averages groups of consecutive rows. A row that is alone keeps its bits; sums are in double precision. */
function averageRows(rows: Float32Array, groupSizes: readonly number[], width: number): Float32Array {
  const means = new Float32Array(groupSizes.length * width);
  let firstRow = 0;
  for (const [group, size] of groupSizes.entries()) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let row = firstRow; row < firstRow + size; row++) sum += rows[row * width + column] ?? Number.NaN;
      means[group * width + column] = sum / size;
    }
    firstRow += size;
  }
  return means;
}
