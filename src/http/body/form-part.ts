import { isAscii } from 'node:buffer';
import { parse } from 'content-disposition';
import { PanelvecError } from '../../errors.ts';
import { isImage } from '../../preprocess/image/image-format.ts';
import { decodeText, InvalidTextError } from '../../util/strict-text.ts';
import { assertCharset, type MediaType, parseMediaType } from './media-type.ts';

/** The headers of a part by their names in lower case. Their characters are bytes. */
export type PartHeaders = Readonly<Record<string, readonly string[]>>;

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
  constructor(headers: PartHeaders, number: number, { maxImageBytes, maxJsonBytes }: PartLimits) {
    const { type, parameters } = parse(headers['content-disposition']?.[0] ?? '', { multipart: true });
    const { name, filename } = parameters;
    if (type !== 'form-data' || name === undefined) {
      throw new PanelvecError('invalid_multipart', `part ${number} has no content-disposition with a name`);
    }
    this.name = decodeName(name, number);
    this.#mediaType = parseMediaType(headers['content-type']?.[0]);
    const { essence, kind } = this.#mediaType;
    const isText = TEXT_TYPES.test(essence) || kind === 'json';
    this.isFile = this.name !== REQUEST_PART && (filename !== undefined || !isText);
    this.#maxBytes = this.isFile ? maxImageBytes : maxJsonBytes;
    this.#assertTransferEncoding(headers['content-transfer-encoding']?.[0] ?? '');
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

  /**
   * Java's HttpClient declares ISO-8859-1 for every field, so ASCII passes in any charset: it is the same in all that are in
   * use. @throws PanelvecError unsupported_media_type
   */
  assertCharset(bytes: Buffer): void {
    if (!isAscii(bytes)) assertCharset(this.#mediaType, this.name);
  }

  /** The text of a field. @throws PanelvecError naming the part */
  decodeValue(bytes: Buffer): string {
    this.assertCharset(bytes);
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

/** Decodes the name of a part. That of a file may be in any charset: it is not used. */
function decodeName(name: string, number: number): string {
  try {
    return decodeText(Buffer.from(name, 'latin1'));
  } catch (cause) {
    throw new PanelvecError('invalid_multipart', `the name of part ${number} is not UTF-8`, { cause });
  }
}
