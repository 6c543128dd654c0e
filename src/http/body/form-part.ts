import { PanelvecError } from '../../errors.ts';
import { isImage } from '../../preprocess/image/image-format.ts';
import { decodeText, InvalidTextError } from '../../util/strict-text.ts';
import { type MediaType, parseMediaType } from './media-type.ts';

/** What the headers of a part say. A name that is not UTF-8 has U+FFFD in it. */
export interface PartHeaders {
  readonly fieldname: string | undefined;
  readonly filename: string | undefined;
  readonly mimetype: string;
  /** The transfer encoding in lower case */
  readonly encoding: string;
}

export interface PartLimits {
  readonly maxImageBytes: number;
  readonly maxJsonBytes: number;
}

/** The part that holds the JSON of a request whose images come as files. It may be a field or a file. */
export const REQUEST_PART = 'request';

const TEXT_TYPES = /^($|text\/|application\/x-www-form-urlencoded$)/;
/** Transfer encodings that leave the bytes as they are */
const PLAIN_ENCODINGS: readonly string[] = ['', '7bit', '8bit', 'binary'];

/** A part of a form while it is received. */
export class FormPart {
  readonly name: string;
  /** Whether it is an image by its headers: it has a file name, or the type of something else than text */
  readonly isFile: boolean;
  readonly #mediaType: MediaType;
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #byteLength = 0;

  /** @throws PanelvecError invalid_multipart, or unsupported_media_type for a transfer encoding */
  constructor({ fieldname, filename, mimetype, encoding }: PartHeaders, number: number, limits: PartLimits) {
    if (fieldname === undefined) throw new PanelvecError('invalid_multipart', `part ${number} has no name`);
    if (fieldname.includes('\ufffd'))
      throw new PanelvecError('invalid_multipart', `the name of part ${number} is not UTF-8`);
    this.name = fieldname;
    this.#mediaType = parseMediaType(mimetype);
    const { essence, kind } = this.#mediaType;
    const isText = TEXT_TYPES.test(essence) || kind === 'json';
    this.isFile = this.name !== REQUEST_PART && (filename !== undefined || !isText);
    this.#maxBytes = this.isFile ? limits.maxImageBytes : limits.maxJsonBytes;
    this.#assertTransferEncoding(encoding);
  }

  /** All bytes of the part, which it then holds no longer: they may be as many as a request may have. */
  takeBytes(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes;
  }

  /** @throws PanelvecError image_too_large, body_too_large */
  append(chunk: Buffer): void {
    this.#byteLength += chunk.byteLength;
    if (this.#byteLength > this.#maxBytes) {
      const [code, what] = this.isFile
        ? (['image_too_large', 'file'] as const)
        : (['body_too_large', 'field'] as const);
      throw new PanelvecError(code, `the ${what} has over ${this.#maxBytes} bytes`, { param: this.name });
    }
    this.#chunks.push(chunk);
  }

  /** Whether it is an image whose client sent no file name, and no type or that of text. */
  isUntypedImage(bytes: Buffer): boolean {
    return TEXT_TYPES.test(this.#mediaType.essence) && isImage(bytes);
  }

  /** The text of a field. @throws PanelvecError naming the part */
  decodeValue(bytes: Buffer): string {
    try {
      return decodeText(bytes);
    } catch (cause) {
      if (!(cause instanceof InvalidTextError)) throw cause;
      throw new PanelvecError('invalid_multipart', `${cause.message}; send UTF-8`, { param: this.name, cause });
    }
  }

  #assertTransferEncoding(encoding: string): void {
    if (PLAIN_ENCODINGS.includes(encoding.trim().toLowerCase())) return;
    const message = `the transfer encoding ${encoding.slice(0, 32)} is not read: send the bytes as they are`;
    throw new PanelvecError('unsupported_media_type', message, { param: this.name });
  }
}
