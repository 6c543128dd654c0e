import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** A mark says more than any declaration, as in the Encoding Standard of the web. */
const BYTE_ORDER_MARKS: readonly { readonly encoding: string; readonly bytes: readonly number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  // Before UTF-16, whose mark begins in the same way. No decoder of the platform reads UTF-32.
  { encoding: 'utf-32le', bytes: [0xff, 0xfe, 0, 0] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
  { encoding: 'utf-32be', bytes: [0, 0, 0xfe, 0xff] },
];
const MAX_MARK_BYTES = 4;
/** Names of Python and Windows for encodings that the Encoding Standard names otherwise. */
const ENCODING_ALIASES: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
};
const LINE_FEED = 0x0a;

/** A text has bytes that its encoding does not allow. */
export class InvalidTextError extends Error {
  /** The index of the first wrong byte, from 0 */
  readonly offset: number;
  /** From 1 */
  readonly line: number;

  constructor(problem: string, offset: number, line: number) {
    super(`line ${line}, byte ${offset}: ${problem}`);
    this.name = 'InvalidTextError';
    this.offset = offset;
    this.line = line;
  }
}

/**
 * Decodes a text without a guess: UTF-8, or UTF-16 with a byte order mark. The mark is left out.
 * @param encoding the encoding of a text without a mark
 * @throws InvalidTextError if a byte is wrong; RangeError if the encoding is unknown
 */
export function decodeText(bytes: Uint8Array, encoding?: string): string {
  // Nearly all texts are UTF-8 without a mark, and need no copy.
  if (encoding === undefined && findMark(bytes) === undefined && isUtf8(bytes)) return asBuffer(bytes).toString('utf8');
  const decoder = new Utf8Transcoder(encoding);
  return Buffer.concat([decoder.write(bytes), decoder.end()]).toString('utf8');
}

/** Decodes a text in chunks likewise, and yields it as UTF-8. */
export async function* transcodeToUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding?: string,
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = new Utf8Transcoder(encoding);
  for await (const chunk of chunks) yield decoder.write(chunk);
  yield decoder.end();
}

export function isKnownEncoding(label: string): boolean {
  try {
    createDecoder(label);
    return true;
  } catch {
    return false;
  }
}

/** Turns a text that comes in chunks into UTF-8. What is UTF-8 already is only checked, which is fast. */
class Utf8Transcoder {
  #encoding: string;
  /** Bytes that no decoder has seen: the beginning while a mark may follow, or a part of a character */
  #pending: Buffer = Buffer.alloc(0);
  #decoder: TextDecoder | null = null;
  /** One chunk behind the other, so that it can find the wrong byte in a chunk */
  #follower: TextDecoder | null = null;
  #hasStarted = false;
  #offset = 0;
  #line = 1;

  constructor(encoding = 'utf-8') {
    this.#encoding = createDecoder(encoding).encoding;
  }

  write(chunk: Uint8Array): Buffer {
    const bytes = this.#pending.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#pending, chunk]);
    this.#pending = Buffer.alloc(0);
    if (this.#hasStarted) return this.#transcode(bytes, false);
    if (bytes.length >= MAX_MARK_BYTES) return this.#transcode(this.#start(bytes), false);
    this.#pending = bytes;
    return Buffer.alloc(0);
  }

  end(): Buffer {
    const bytes = this.#hasStarted ? this.#pending : this.#start(this.#pending);
    return this.#transcode(bytes, true);
  }

  /** Finds out the encoding. Returns what follows the byte order mark. */
  #start(bytes: Buffer): Buffer {
    this.#hasStarted = true;
    const mark = findMark(bytes);
    if (mark?.encoding.startsWith('utf-32')) {
      throw new InvalidTextError('the text is UTF-32, which is not read: save it as UTF-8', 0, 1);
    }
    this.#encoding = mark?.encoding ?? this.#encoding;
    if (this.#encoding !== 'utf-8')
      [this.#decoder, this.#follower] = [createDecoder(this.#encoding), createDecoder(this.#encoding)];
    this.#offset = mark?.bytes.length ?? 0;
    return bytes.subarray(this.#offset);
  }

  #transcode(bytes: Buffer, isLast: boolean): Buffer {
    const output = this.#decoder === null ? this.#checkUtf8(bytes, isLast) : this.#decode(this.#decoder, bytes, isLast);
    this.#offset += bytes.length - this.#pending.length;
    for (let i = output.indexOf(LINE_FEED); i >= 0; i = output.indexOf(LINE_FEED, i + 1)) this.#line++;
    return output;
  }

  #checkUtf8(bytes: Buffer, isLast: boolean): Buffer {
    const end = isLast ? bytes.length : completeLength(bytes);
    this.#pending = bytes.subarray(end);
    const complete = bytes.subarray(0, end);
    if (!isUtf8(complete)) throw this.#findError(createDecoder('utf-8'), complete);
    return complete;
  }

  #decode(decoder: TextDecoder, bytes: Buffer, isLast: boolean): Buffer {
    try {
      const text = decoder.decode(bytes, { stream: !isLast });
      if (!isLast) this.#follower?.decode(bytes, { stream: true });
      return Buffer.from(text, 'utf8');
    } catch {
      throw this.#findError(this.#follower ?? createDecoder(this.#encoding), bytes);
    }
  }

  /** Decodes bytes one by one until the decoder, which has seen all before them, refuses one. */
  #findError(decoder: TextDecoder, bytes: Buffer): InvalidTextError {
    let line = this.#line;
    let start = 0;
    const fail = (problem: string) => new InvalidTextError(problem, this.#offset + start, line);
    for (let i = 0; i < bytes.length; i++) {
      try {
        const text = decoder.decode(bytes.subarray(i, i + 1), { stream: true });
        if (text !== '') start = i + 1;
        if (text === '\n') line++;
      } catch {
        const wrong = bytes.subarray(start, i + 1).toString('hex');
        return fail(`the bytes 0x${wrong} are not ${this.#encoding}`);
      }
    }
    return fail(`the text ends within a character (${this.#encoding})`);
  }
}

function findMark(bytes: Uint8Array) {
  return BYTE_ORDER_MARKS.find((mark) => mark.bytes.every((byte, i) => bytes[i] === byte));
}

/** @throws RangeError if there is no such encoding */
function createDecoder(label: string): TextDecoder {
  const name = label.trim().toLowerCase();
  return new TextDecoder(ENCODING_ALIASES[name] ?? name, { fatal: true, ignoreBOM: true });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The length of UTF-8 without a character that the last bytes only begin. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isLead = byte >= 0xc0;
    if (isLead) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
    if (byte < 0x80) return bytes.length;
  }
  return bytes.length;
}
