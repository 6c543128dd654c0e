import pLimit from 'p-limit';
import { atParam, PanelvecError } from '../errors.ts';
import type { EngineItem } from '../inference/contract.ts';
import { cropOfBBox, cropOfBox2d, type PageSize } from '../preprocess/boxes.ts';
import { compositionOfBBox, compositionOfBox2d } from '../preprocess/composition.ts';
import { decodeImage, type ImageLimits, type Raster } from '../preprocess/image/decode.ts';
import { type Crop, resizeCrop } from '../preprocess/image/resize.ts';
import type { StageTimer } from './observer.ts';
import type { PageInput, PagePanelInput, PanelBox, PanelInput } from './panel.ts';
import type { ServedModel } from './served-models.ts';

/** As many pictures at a time as libuv has threads: more would only wait, each holding a decoded page. */
const DECODES_AT_A_TIME = 4;

/** A panel ready for the engine. */
export interface PreparedPanel extends Omit<EngineItem, 'outputs'> {
  readonly param: string;
  readonly truncated: boolean;
}

export interface PreparedPage {
  readonly size: PageSize;
  readonly crops: readonly Crop[];
  readonly panels: readonly PreparedPanel[];
}

export interface PrepareLimits extends ImageLimits {
  readonly maxTextCharacters: number;
}

/** Turns what callers send into what encoders take. Decoding and resizing happen on libuv's threads. */
export class Preparer {
  readonly #limits: PrepareLimits;
  readonly #time: StageTimer;
  readonly #decodes = pLimit(DECODES_AT_A_TIME);

  constructor(limits: PrepareLimits, time: StageTimer) {
    this.#limits = limits;
    this.#time = time;
  }

  /** @throws PanelvecError naming the field */
  async panel({ model, tokenizer }: ServedModel, input: PanelInput): Promise<PreparedPanel> {
    if (input.image === undefined && input.text === undefined && input.composition === undefined) {
      throw new PanelvecError('invalid_request', 'give an image, a text or a composition', { param: input.param });
    }
    const size = model.spec.vision.image_size;
    const text = input.text && this.#tokenize(tokenizer, input.text.value, input.text.field);
    return {
      param: input.param,
      pixels: input.image ? await this.#wholeImage(input.image.bytes, size, input.image.field) : null,
      tokens: text?.tokens ?? null,
      composition: input.composition ?? null,
      truncated: text?.truncated ?? false,
    };
  }

  /** Decodes the page once, whatever the number of panels. @throws PanelvecError naming the field */
  async page({ model, tokenizer }: ServedModel, input: PageInput): Promise<PreparedPage> {
    const size = model.spec.vision.image_size;
    return this.#decodes(async () => {
      const raster = await this.#decode(input.image, input.imageField);
      const crops = input.panels.map((panel) => cropOf(panel, raster));
      const panels = await Promise.all(
        input.panels.map(async ({ param, box, text }, at): Promise<PreparedPanel> => {
          const tokenized = text === null ? undefined : this.#tokenize(tokenizer, text, `${param}.text`);
          return {
            param,
            pixels: await this.#time('resize', () => resizeCrop(raster, crops[at]!, size)),
            tokens: tokenized?.tokens ?? null,
            composition: compositionOf(box, raster),
            truncated: tokenized?.truncated ?? false,
          };
        }),
      );
      return { size: { width: raster.width, height: raster.height }, crops, panels };
    });
  }

  #wholeImage(bytes: Uint8Array, size: number, field: string): Promise<Uint8Array> {
    return this.#decodes(async () => {
      const raster = await this.#decode(bytes, field);
      const whole = { left: 0, top: 0, right: raster.width, bottom: raster.height };
      return this.#time('resize', () => resizeCrop(raster, whole, size));
    });
  }

  async #decode(bytes: Uint8Array, field: string): Promise<Raster> {
    try {
      return await this.#time('decode', () => decodeImage(bytes, this.#limits));
    } catch (error) {
      throw atParam(error, field);
    }
  }

  #tokenize(tokenizer: ServedModel['tokenizer'], text: string, field: string) {
    const { maxTextCharacters } = this.#limits;
    if (text.length > maxTextCharacters) {
      const message = `the text has ${text.length} characters, over ${maxTextCharacters}`;
      throw new PanelvecError('text_too_long', message, { param: field });
    }
    if (text.trim() === '') throw new PanelvecError('invalid_request', 'the text is empty', { param: field });
    return tokenizer.encode(text);
  }
}

function cropOf({ param, box }: PagePanelInput, page: PageSize): Crop {
  try {
    return 'bbox' in box ? cropOfBBox(box.bbox, page) : cropOfBox2d(box.box2d, page);
  } catch (error) {
    throw atParam(error, `${param}.${'bbox' in box ? 'bbox' : 'box_2d'}`);
  }
}

function compositionOf(box: PanelBox, page: PageSize): Float32Array {
  return 'bbox' in box ? compositionOfBBox(box.bbox, page) : compositionOfBox2d(box.box2d, box.panelNumber);
}
