import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pLimit, { type LimitFunction } from 'p-limit';
import { z } from 'zod';
import { PageFileError, type PageFileLimits, readPageImage, statPageImage } from '../../datasets/page-file.ts';
import type { PageImage } from '../../datasets/page-list/page-list.ts';
import { Admission } from '../../embedding/admission.ts';
import { type ErrorCode, firstLine, PanelvecError } from '../../errors.ts';
import { BoxError, type PageSize, roundedCrop } from '../../preprocess/boxes.ts';
import { assertCropSize } from '../../preprocess/image/crop-image.ts';
import { DECODER_VERSION } from '../../preprocess/image/decode-image.ts';
import { encodeJpeg } from '../../preprocess/image/encode-jpeg.ts';
import { detectImageFormat, type ImageFormat, OPTIONAL_IMAGE_FORMATS } from '../../preprocess/image/image-format.ts';
import { type ImageFile, openPage, type ReadOptions } from '../../preprocess/image/open-image.ts';
import type { Crop } from '../../preprocess/image/resize-crop.ts';
import type { Collection } from '../collection.ts';
import { giveWay } from './give-way.ts';

/** Raise it where this code gives other bytes of the same file. */
const PICTURE_VERSION = `1 ${DECODER_VERSION}`;
/** A grid of a hundred panels, a few times over */
const MAX_WAITING = 512;
const MAX_CACHE_BYTES = 64 * 2 ** 20;
/** 162 bits of a hash */
const KEY_LENGTH = 27;
const JPEG_TYPE = 'image/jpeg';
/** What browsers show as it is */
const SHOWN_FORMATS: ReadonlySet<ImageFormat> = new Set(['jpeg', 'png', 'webp', 'avif', 'gif']);

/** A page, or a part of it, as somebody wants to see it. */
export interface PictureRequest {
  readonly image: PageImage;
  /** How the dataset has its images read */
  readonly readOptions: Pick<ReadOptions, 'tolerant'>;
  /** x, y, width and height in pixels; null for the whole page */
  readonly box: readonly number[] | null;
  /** It is made smaller if it is wider; as it is if undefined */
  readonly maxWidth: number | undefined;
}

export interface Picture {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** How the dataset of a collection has its images read. */
export function readOptionsOf({ source }: Pick<Collection, 'source'>): PictureRequest['readOptions'] {
  const parsed = sourceSchema.safeParse(source);
  return { tolerant: parsed.data?.dataset?.images?.tolerant ?? false };
}

const sourceSchema = z.object({
  dataset: z.object({ images: z.object({ tolerant: z.boolean() }).optional() }).optional(),
});

/** A picture of which no pixel is decoded yet. */
export interface FoundPicture {
  /** Another one as soon as the file or the request is another */
  readonly etag: string;
  /** @throws PanelvecError picture_missing, picture_unreadable, queue_full, request_cancelled */
  load(signal: AbortSignal): Promise<Picture>;
}

export interface PictureSettings extends PageFileLimits {
  /** Pictures made at a time. Each takes a core from the engines. */
  readonly decodeThreads: number;
  /** Whether panels are being embedded, which pictures give way to */
  readonly isBusy: () => boolean;
}

/** Pictures of pages and panels, made from the files of their datasets when they are asked for. */
export class PagePictures {
  readonly #settings: PictureSettings;
  readonly #limit: LimitFunction;
  readonly #admission = new Admission(MAX_WAITING, 'pictures');
  readonly #cache = new LRUCache<string, Buffer>({ maxSize: MAX_CACHE_BYTES, sizeCalculation: ({ length }) => length });

  constructor(settings: PictureSettings) {
    this.#settings = settings;
    this.#limit = pLimit(settings.decodeThreads);
  }

  /** Looks for the file of a picture. @throws PanelvecError picture_missing if it is gone */
  async find(request: PictureRequest): Promise<FoundPicture> {
    const imagePath = request.image.path;
    const { size, mtimeMs } = await namingPicture(() => statPageImage({ imagePath }, this.#settings));
    const parts = JSON.stringify([PICTURE_VERSION, request, size, mtimeMs]);
    const key = createHash('sha256').update(parts).digest('base64url').slice(0, KEY_LENGTH);
    return { etag: `"${key}"`, load: (signal) => this.#load(key, request, signal) };
  }

  /** The size of the upright page; null if its picture cannot be read any more. */
  async findSize(request: Pick<PictureRequest, 'image' | 'readOptions'>): Promise<PageSize | null> {
    try {
      const { width, height } = await this.#limit(async () => this.#open(await this.#read(request), request));
      return { width, height };
    } catch (error) {
      if (error instanceof PanelvecError) return null;
      throw error;
    }
  }

  async #load(key: string, request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    const cached = this.#cache.get(key);
    if (cached) return { bytes: cached, mediaType: JPEG_TYPE };
    const release = this.#admission.reserve(1);
    try {
      return await this.#limit(async () => {
        if (signal.aborted) throw new PanelvecError('request_cancelled', 'the request was given up');
        // Somebody else may have asked for it at the same time.
        const made = this.#cache.get(key);
        if (made) return { bytes: made, mediaType: JPEG_TYPE };
        await giveWay(this.#settings.isBusy);
        return namingPicture(() => this.#make(key, request));
      });
    } finally {
      release();
    }
  }

  async #make(key: string, request: PictureRequest): Promise<Picture> {
    const bytes = await this.#read(request);
    if (request.box === null && request.maxWidth === undefined) {
      const format = detectImageFormat(bytes, OPTIONAL_IMAGE_FORMATS);
      if (SHOWN_FORMATS.has(format)) return { bytes, mediaType: `image/${format}` };
    }
    const image = await this.#open(bytes, request);
    const jpeg = await encodeJpeg(image, request.box && toCrop(request.box, image), request.maxWidth);
    this.#cache.set(key, jpeg);
    return { bytes: jpeg, mediaType: JPEG_TYPE };
  }

  #read({ image }: Pick<PictureRequest, 'image'>): Promise<Buffer> {
    return readPageImage({ imagePath: image.path, ...(image.member && { imageMember: image.member }) }, this.#settings);
  }

  #open(bytes: Buffer, { readOptions }: Pick<PictureRequest, 'readOptions'>): Promise<ImageFile> {
    return openPage(bytes, this.#settings.imageLimits, { ...readOptions, formats: OPTIONAL_IMAGE_FORMATS });
  }
}

/** @throws PanelvecError if the page is another picture by now */
function toCrop(box: readonly number[], image: ImageFile): Crop {
  const [left = 0, top = 0, width = 0, height = 0] = box;
  const crop = roundedCrop({ left, top, right: left + width, bottom: top + height }, image);
  assertCropSize(crop, image);
  return crop;
}

/** Reasons of files that are not there, in place of the codes for what is wrong in a request. */
const MISSING_REASONS: ReadonlySet<string> = new Set(['image_missing', 'archive_changed', 'outside_data_roots']);
const UNREADABLE_CODES: ReadonlySet<ErrorCode> = new Set([
  'image_unreadable',
  'image_too_large',
  'unsupported_media_type',
]);

/** Turns errors of the files of a dataset, which are not the fault of the request. */
async function namingPicture<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof PageFileError && MISSING_REASONS.has(cause.reason)) {
      const message = `the picture of the page is not where it was: ${firstLine(cause)}`;
      throw new PanelvecError('picture_missing', message, { cause });
    }
    const isUnreadable = cause instanceof PanelvecError && UNREADABLE_CODES.has(cause.code);
    if (!isUnreadable && !(cause instanceof PageFileError) && !(cause instanceof BoxError)) throw cause;
    const message = `the picture of the page cannot be shown: ${firstLine(cause)}`;
    throw new PanelvecError('picture_unreadable', message, { cause });
  }
}
