import type { Model } from '../../model/model.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import type { EngineItem } from '../engine-types.ts';
import { sessionOptionsFor, textBatchSizes } from './batch-sizes.ts';
import { TextEncoder } from './text-encoder.ts';
import type { VisualEncoder } from './visual-encoder.ts';

/** A visual encoder of a model, and the text encoder that was trained beside it: features of pictures and labels that compare. */
export class ZeroShotEncoders {
  readonly #visual: VisualEncoder;
  readonly #text: TextEncoder;
  /** Values of one view of a picture */
  readonly #viewLength: number;

  private constructor(visual: VisualEncoder, text: TextEncoder, imageSize: number) {
    this.#visual = visual;
    this.#text = text;
    this.#viewLength = 3 * imageSize ** 2;
  }

  /** Opens the session of the text encoder and runs every batch size once. Undefined for a model without such an encoder. */
  static async load(
    model: Model,
    visual: readonly VisualEncoder[],
    options: SessionOptions,
    maxBatch: number,
  ): Promise<ZeroShotEncoders | undefined> {
    const spec = model.spec.zero_shot?.text;
    if (spec === undefined) return undefined;
    const encoder = visual.find(({ backbone }) => backbone.name === spec.backbone);
    if (encoder === undefined) throw new Error(`the model has no backbone "${spec.backbone}"`);
    const batchSizes = textBatchSizes(spec.encoder, maxBatch);
    const text = await TextEncoder.load(model, spec, sessionOptionsFor(spec.encoder, options), batchSizes);
    return new ZeroShotEncoders(encoder, text, model.spec.vision.image_size);
  }

  /**
   * Features of the items that ask for them, by the index of the item: of its picture, or else of its tokens. Of several views
   * the first is the whole picture, which the encoders were trained on.
   */
  async encode(items: readonly EngineItem[]): Promise<Map<number, Float32Array>> {
    const wanted = [...items.entries()].filter(([, { outputs }]) => outputs.includes('zero_shot'));
    const pictures = wanted.flatMap(([index, { pixels }]) =>
      pixels ? [{ index, content: pixels.subarray(0, this.#viewLength) }] : [],
    );
    const texts = wanted.flatMap(([index, { pixels, tokens }]) =>
      !pixels && tokens ? [{ index, content: tokens }] : [],
    );
    return new Map([
      ...splitRows(pictures, await this.#visual.encode(pictures.map(({ content }) => content))),
      ...splitRows(texts, await this.#text.encode(texts.map(({ content }) => content))),
    ]);
  }
}

/** Rows of one width by the index of the item; each is a copy that can be sent alone. */
function splitRows(entries: readonly { readonly index: number }[], rows: Float32Array): [number, Float32Array][] {
  const width = rows.length / entries.length;
  return entries.map(({ index }, row) => [index, rows.slice(row * width, (row + 1) * width)]);
}
