import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';

const compressAsync = promisify(zstdCompress);
const decompressAsync = promisify(zstdDecompress);

/** A chunk's elements as its file has them: one zstd frame. Runs on libuv's threads. */
export function compressChunk(elements: Uint8Array): Promise<Buffer> {
  return compressAsync(elements, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    // Puts the size into the frame's header; numcodecs refuses a frame that does not tell it.
    pledgedSrcSize: elements.byteLength,
  });
}

/** @throws Error where the bytes are no zstd frame, or one of more than `limit` bytes */
export function decompressChunk(bytes: Uint8Array, maxBytes: number): Promise<Buffer> {
  return decompressAsync(bytes, { maxOutputLength: maxBytes });
}
