import pLimit, { type LimitFunction } from 'p-limit';
import { PanelvecError, withParam } from '../errors.ts';
import type { PictureFormat } from '../model/model-spec.ts';
import type { PageSize } from '../preprocess/boxes.ts';
import { describeOtherPicture, resolveDeclaredSize } from '../preprocess/declared-size.ts';
import { assertCropSize, cropImage } from '../preprocess/image/crop-image.ts';
import { decodePicture } from '../preprocess/image/decode-image.ts';
import { type ImageFile, openPage, type PageLimits } from '../preprocess/image/open-image.ts';
import type { Crop } from '../preprocess/image/resize-crop.ts';
import { type PanelPlace, placePanel } from '../preprocess/panel-box.ts';
import type { TokenizedText } from '../preprocess/text-tokenizer.ts';
import { cancellationError } from '../util/cancellation-error.ts';
import type { StageTimer } from './embedding-observer.ts';
import { EventLoopYielder } from './event-loop-yielder.ts';
import { type FeatureKeys, featureKeysOf, hashImage } from './feature-keys.ts';
import type { FeatureMemory } from './feature-memory.ts';
import { toPageSources, type UndecodedPanel } from './page-sources.ts';
import type { PageInput, PagePanelInput, PanelInput } from './panel-input.ts';
import type { PanelSource, PictureSource } from './panel-source.ts';
import type { ServedModel } from './served-model.ts';
import {
  assertNotTruncated,
  assertTextSize,
  assertTextsKnown,
  type ReadText,
  type TextOptions,
} from './text-checks.ts';

export interface PreparedPage {
  readonly size: PageSize;
  /** The size of the picture whose pixels the boxes count */
  readonly drawnOn: PageSize;
  readonly crops: readonly Crop[];
  readonly compositions: readonly Float32Array[];
  readonly panels: readonly PanelSource[];
}

export interface PrepareLimits extends PageLimits {
  readonly maxTextCharacters: number;
  /** Images decoded at a time. Each takes memory for its pixels, and a core from the engines. */
  readonly decodeThreads: number;
}

type TextSource = Pick<PanelInput, 'text' | 'image' | 'composition'> | Pick<PagePanelInput, 'text' | 'box'>;
type MaybeTokens = TokenizedText | null;

/**
 * Turns what callers send into what encoders take, except for pictures whose features are in the memory. Decoding and resizing
 * happen on libuv's threads.
 */
export class Preparer {
  readonly #limits: PrepareLimits;
  readonly #memory: FeatureMemory;
  readonly #timeStage: StageTimer;
  readonly #decodeLimit: LimitFunction;
  readonly #yielder = new EventLoopYielder();

  constructor(limits: PrepareLimits, memory: FeatureMemory, timeStage: StageTimer) {
    this.#limits = limits;
    this.#memory = memory;
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
    { outputs }: TextOptions,
  ): Promise<PanelSource> {
    const { param, image, composition = null } = input;
    if (image === undefined && input.text === undefined && composition === null) {
      throw new PanelvecError('invalid_request', 'give an image, a text or a composition', { param });
    }
    const keys = featureKeysOf(model, outputs);
    const digest = image && (await this.#hash(image.bytes));
    const picture: PictureSource | null = image
      ? {
          key: digest && keys.picture(digest, null),
          field: image.field,
          decode: (signal) => this.#decodeFullImage(image, model.spec.vision, signal),
        }
      : null;
    const tokens = knownTokens(text);
    return { param, picture, tokens, textKey: this.#textKey(keys, tokens), composition, reading: text };
  }

  /**
   * Decodes the page once, whatever the number of panels, or not at all if all features are known. The panels have asked the memory
   * for their features: each must be computed. @throws PanelvecError naming the field
   */
  async preparePage(
    served: ServedModel,
    input: PageInput,
    options: TextOptions,
    signal: AbortSignal,
  ): Promise<PreparedPage> {
    const texts = await this.tokenizeTexts(served, input.panels, options, signal);
    const digest = await this.#hash(input.image);
    return this.#decodeLimit(async () => {
      const image = await namingField(input.imageField, () => openPage(input.image, this.#limits));
      const drawnOn = findDrawnSize(input, image);
      const places = input.panels.map((panel) => findPlace(panel, image, drawnOn));
      const crops = places.map(({ crop }) => crop);
      const compositions = places.map(({ composition }) => composition);
      const keys = featureKeysOf(served.model, options.outputs);
      const undecoded = places.map(({ crop, composition }, i): UndecodedPanel => {
        const tokens = knownTokens(texts[i]);
        return {
          param: input.panels[i]?.param ?? '',
          crop,
          pictureKey: digest && keys.picture(digest, crop),
          tokens,
          textKey: this.#textKey(keys, tokens),
          composition,
          reading: texts[i] ?? null,
        };
      });
      const decodeCrops = (wanted: readonly (Crop | null)[], wantedSignal = signal) => {
        const cropOptions = {
          isParallel: true,
          timeStage: this.#timeStage,
          assertWanted: () => assertNotCancelled(wantedSignal),
        };
        return namingField(input.imageField, () => cropImage(image, wanted, served.model.spec.vision, cropOptions));
      };
      const decodeAgain = async (crop: Crop, wantedSignal: AbortSignal) => {
        const [pixels] = await this.#decodeLimit(() => decodeCrops([crop], wantedSignal));
        if (!pixels) throw new Error('the crop has no pixels');
        return pixels;
      };
      const decoder = { field: input.imageField, decodeCrops, decodeAgain };
      const panels = await toPageSources(undecoded, options.outputs, this.#memory, decoder);
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

  async #hash(bytes: Uint8Array): Promise<string | undefined> {
    return this.#memory.isEnabled ? hashImage(bytes) : undefined;
  }

  #textKey(keys: FeatureKeys, tokens: Int32Array | null): string | undefined {
    return this.#memory.isEnabled && tokens ? keys.text(tokens) : undefined;
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

/** @throws PanelvecError request_cancelled, or the reason of the signal, where nobody waits for the work that would begin now */
export function assertNotCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancellationError(signal);
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
