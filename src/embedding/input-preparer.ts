import pLimit, { type LimitFunction } from 'p-limit';
import { PanelvecError, withParam } from '../errors.ts';
import type { EngineItem } from '../inference/engine-types.ts';
import type { PictureFormat } from '../model/model-spec.ts';
import type { PageSize } from '../preprocess/boxes.ts';
import { describeOtherPicture, resolveDeclaredSize } from '../preprocess/declared-size.ts';
import { assertCropSize, cropImage } from '../preprocess/image/crop-image.ts';
import { decodePicture } from '../preprocess/image/decode-image.ts';
import { type ImageFile, openPage, type PageLimits } from '../preprocess/image/open-image.ts';
import type { Crop } from '../preprocess/image/resize-crop.ts';
import { type PanelPlace, placePanel } from '../preprocess/panel-box.ts';
import type { TextReading, TokenizedText } from '../preprocess/text-tokenizer.ts';
import type { StageTimer } from './embedding-observer.ts';
import { EventLoopYielder } from './event-loop-yielder.ts';
import type { PageInput, PagePanelInput, PanelInput } from './panel-input.ts';
import type { ServedModel } from './served-model.ts';
import {
  assertNotTruncated,
  assertTextSize,
  assertTextsKnown,
  type ReadText,
  type TextOptions,
} from './text-checks.ts';

/** A panel ready for the engine. */
export interface PreparedPanel extends Omit<EngineItem, 'outputs'> {
  readonly param: string;
  /** null where the panel has no text */
  readonly reading: TextReading | null;
}

export interface PreparedPage {
  readonly size: PageSize;
  /** The size of the picture whose pixels the boxes count */
  readonly drawnOn: PageSize;
  readonly crops: readonly Crop[];
  readonly compositions: readonly Float32Array[];
  readonly panels: readonly PreparedPanel[];
}

export interface PrepareLimits extends PageLimits {
  readonly maxTextCharacters: number;
  /** Images decoded at a time. Each takes memory for its pixels, and a core from the engines. */
  readonly decodeThreads: number;
}

type TextSource = Pick<PanelInput, 'text' | 'image' | 'composition'> | Pick<PagePanelInput, 'text' | 'box'>;
type MaybeTokens = TokenizedText | null;

/** Turns what callers send into what encoders take. Decoding and resizing happen on libuv's threads. */
export class Preparer {
  readonly #limits: PrepareLimits;
  readonly #timeStage: StageTimer;
  readonly #decodeLimit: LimitFunction;
  readonly #yielder = new EventLoopYielder();

  constructor(limits: PrepareLimits, timeStage: StageTimer) {
    this.#limits = limits;
    this.#timeStage = timeStage;
    this.#decodeLimit = pLimit(limits.decodeThreads);
  }

  /**
   * Tokenizes the texts of panels; null where a panel has none. Yields between texts: a request of many long texts must not
   * block the event loop. @throws PanelvecError naming the field, also where the vocabulary does not know a text that is needed
   */
  async tokenizeTexts(
    { tokenizer }: ServedModel,
    sources: readonly TextSource[],
    options: TextOptions,
    signal: AbortSignal,
  ): Promise<MaybeTokens[]> {
    for (const { text } of sources) if (text) assertTextSize(text, this.#limits.maxTextCharacters);
    const firstText = sources.find(({ text }) => text)?.text;
    if (tokenizer === undefined && firstText) {
      const message = 'this model has no tokenizer: it takes token ids, over /v2/models/{model}/infer';
      throw new PanelvecError('text_unsupported', message, { param: firstText.field });
    }
    const texts: MaybeTokens[] = [];
    for (const { text } of sources) {
      await this.#yielder.yieldIfDue();
      assertNotCancelled(signal);
      texts.push(text && tokenizer ? tokenizer.encode(text.value) : null);
    }
    const readTexts = sources.flatMap((source, i): ReadText[] => {
      const reading = texts[i];
      return source.text && reading ? [{ field: source.text.field, reading, hasOthers: hasOthers(source) }] : [];
    });
    if (tokenizer) assertNotTruncated(readTexts, options, tokenizer.maxTokens);
    assertTextsKnown(readTexts, options);
    return texts;
  }

  /** @throws PanelvecError naming the field */
  async preparePanel(
    { model }: ServedModel,
    input: PanelInput,
    text: MaybeTokens,
    signal: AbortSignal,
  ): Promise<PreparedPanel> {
    if (input.image === undefined && input.text === undefined && input.composition === undefined) {
      throw new PanelvecError('invalid_request', 'give an image, a text or a composition', { param: input.param });
    }
    return {
      param: input.param,
      pixels: input.image ? await this.#decodeFullImage(input.image, model.spec.vision, signal) : null,
      tokens: knownTokens(text),
      composition: input.composition ?? null,
      reading: text,
    };
  }

  /** Decodes the page once, whatever the number of panels. @throws PanelvecError naming the field */
  async preparePage(
    served: ServedModel,
    input: PageInput,
    options: TextOptions,
    signal: AbortSignal,
  ): Promise<PreparedPage> {
    const texts = await this.tokenizeTexts(served, input.panels, options, signal);
    return this.#decodeLimit(async () => {
      const image = await namingField(input.imageField, () => openPage(input.image, this.#limits));
      const drawnOn = findDrawnSize(input, image);
      const places = input.panels.map((panel) => findPlace(panel, image, drawnOn));
      const crops = places.map(({ crop }) => crop);
      const cropOptions = {
        isParallel: true,
        timeStage: this.#timeStage,
        assertWanted: () => assertNotCancelled(signal),
      };
      const pixels = await namingField(input.imageField, () =>
        cropImage(image, crops, served.model.spec.vision, cropOptions),
      );
      const compositions = places.map(({ composition }) => composition);
      const panels = input.panels.map(({ param }, i) => ({
        param,
        pixels: pixels[i] ?? null,
        tokens: knownTokens(texts[i]),
        composition: compositions[i] ?? null,
        reading: texts[i] ?? null,
      }));
      return { size: { width: image.width, height: image.height }, drawnOn, crops, compositions, panels };
    });
  }

  #decodeFullImage(
    { bytes, field }: NonNullable<PanelInput['image']>,
    format: PictureFormat,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    return this.#decodeLimit(() => {
      assertNotCancelled(signal);
      return namingField(field, () => this.#timeStage('decode', () => decodePicture(bytes, format, this.#limits)));
    });
  }
}

/** Names the field of the image in errors about it. */
async function namingField<T>(field: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw withParam(error, field);
  }
}

/** The tokens of a text; null for one of which the vocabulary knows nothing, which counts as absent. */
function knownTokens(text: MaybeTokens | undefined): Int32Array | null {
  return text && !text.isUnknown ? text.tokens : null;
}

/** Whether a panel has more than its text. On a page, every panel has a picture. */
function hasOthers(source: TextSource): boolean {
  return 'box' in source || source.image !== undefined || source.composition !== undefined;
}

/** @throws PanelvecError request_cancelled where nobody waits for the work that would begin now */
export function assertNotCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new PanelvecError('request_cancelled', 'the request was given up');
}

/** @throws PanelvecError where the boxes are for another picture than the page */
function findDrawnSize({ declaredSize, declaredSizeField }: PageInput, page: PageSize): PageSize {
  if (declaredSize === null) return page;
  const drawnOn = resolveDeclaredSize(declaredSize, page);
  if (drawnOn !== undefined) return drawnOn;
  throw new PanelvecError('invalid_request', describeOtherPicture(declaredSize, page), { param: declaredSizeField });
}

/** @throws PanelvecError naming the box, if it lies outside the page or has too many pixels */
function findPlace({ box, panelNumber, boxField }: PagePanelInput, page: ImageFile, drawnOn: PageSize): PanelPlace {
  try {
    const place = placePanel(box, page, panelNumber, drawnOn);
    assertCropSize(place.crop, page);
    return place;
  } catch (error) {
    throw withParam(error, boxField);
  }
}
