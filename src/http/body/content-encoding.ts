import { pipeline, type Readable } from 'node:stream';
import zlib from 'node:zlib';
import { firstLine, PanelvecError } from '../../errors.ts';

/** By RFC 9659 no zstd body needs a larger window; a decoder without this bound takes 128 MiB. */
const MAX_ZSTD_WINDOW_LOG = 23;
const DEFLATE_METHOD = 8;

type Decoder = zlib.Gunzip | zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress | zlib.ZstdDecompress;

const DECODERS = {
  gzip: () => zlib.createGunzip(),
  deflate: (firstChunk: Buffer) => (isZlib(firstChunk) ? zlib.createInflate() : zlib.createInflateRaw()),
  br: () => zlib.createBrotliDecompress(),
  zstd: () => zlib.createZstdDecompress({ params: { [zlib.constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG } }),
} as const satisfies Record<string, (firstChunk: Buffer) => Decoder>;

export type ContentEncoding = keyof typeof DECODERS;
export const CONTENT_ENCODINGS = Object.keys(DECODERS) as ContentEncoding[];

/**
 * The encoding of a body; undefined where it is sent as it is. One layer at most: a second would let a small body hold the
 * decoders for over a minute. @throws PanelvecError unsupported_media_type
 */
export function parseContentEncoding(header = ''): ContentEncoding | undefined {
  const names = header
    .split(',')
    .map((name) =>
      name
        .trim()
        .toLowerCase()
        .replace(/^x-gzip$/, 'gzip'),
    )
    .filter((name) => name !== '' && name !== 'identity');
  const [name, second] = names;
  if (name === undefined) return undefined;
  const encoding = CONTENT_ENCODINGS.find((known) => known === name);
  if (encoding !== undefined && second === undefined) return encoding;
  const message = `the content encoding ${header.slice(0, 64)} is not read: send ${CONTENT_ENCODINGS.join(', ')} or none`;
  throw new PanelvecError('unsupported_media_type', message);
}

/**
 * Decompresses a body chunk by chunk, so that its reader can stop at a limit. The stream of the request stays open.
 * @throws PanelvecError invalid_request for bytes that are not of the encoding
 */
export async function* decompress(payload: Readable, encoding: ContentEncoding): AsyncGenerator<Buffer, void> {
  const chunks: AsyncIterableIterator<Buffer> = payload.iterator({ destroyOnReturn: false });
  const first = await chunks.next();
  if (first.done) return;
  const decoder = DECODERS[encoding](first.value);
  let compressedBytes: number = first.value.byteLength;
  async function* source() {
    yield first.value;
    for await (const chunk of chunks) {
      compressedBytes += chunk.byteLength;
      yield chunk;
    }
  }
  // The decoder itself reports the errors, to its reader.
  pipeline(source, decoder, () => {});
  try {
    yield* decoder;
  } catch (cause) {
    if (payload.errored !== null) throw cause;
    throw new PanelvecError('invalid_request', `the body is not ${encoding}: ${firstLine(cause)}`, { cause });
  }
  // The decoders drop what follows, such as a second frame of zstd.
  const unreadBytes = compressedBytes - decoder.bytesWritten;
  if (unreadBytes > 0) {
    throw new PanelvecError('invalid_request', `${unreadBytes} bytes follow the end of the ${encoding} data`);
  }
}

/** Whether deflated data begin with the header of zlib, as the standard says; some clients send them without. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === DEFLATE_METHOD && (first * 256 + second) % 31 === 0;
}
