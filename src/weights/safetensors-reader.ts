import { type FileHandle, open } from 'node:fs/promises';
import { oneLine } from '../errors.ts';
import { widenBfloat16 } from '../graph/bfloat16.ts';
import type { DType } from '../graph/dtype.ts';
import { LENGTH_BYTES, MAX_HEADER_BYTES, parseHeader, type SafetensorsHeader } from './safetensors-header.ts';
import { WeightsError } from './weights-error.ts';

/** One tensor: elements in row-major order, little-endian, as the file has them (bfloat16 widened to float32). */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a safetensors file holds, without its tensors' elements. @throws WeightsError */
export async function readSafetensorsHeader(file: string): Promise<SafetensorsHeader> {
  await using handle = await openFile(file);
  return (await readHeader(handle, file)).header;
}

/**
 * Reads a safetensors file, or only the tensors whose key `wanted` accepts: the rest is never loaded.
 * @throws WeightsError where the file is truncated, torn or of another kind
 */
export async function readSafetensors(
  file: string,
  wanted: (key: string) => boolean = () => true,
): Promise<Safetensors> {
  await using handle = await openFile(file);
  const { header, dataStart } = await readHeader(handle, file);
  const tensors = new Map<string, Tensor>();
  for (const [key, { dtype, shape, start, end, bfloat16 }] of header.entries) {
    if (!wanted(key)) continue;
    const bytes = await read(handle, file, dataStart + start, end - start);
    tensors.set(key, { dtype, shape, bytes: bfloat16 ? widenBfloat16(bytes) : bytes });
  }
  return { tensors, metadata: header.metadata };
}

async function openFile(file: string): Promise<FileHandle> {
  return open(file, 'r').catch((cause: unknown) => {
    throw new WeightsError(`cannot read ${file}: ${oneLine(cause)}`, { cause });
  });
}

async function readHeader(handle: FileHandle, file: string): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  const { size, isFile } = await fileSize(handle);
  if (!isFile) throw new WeightsError(`${file} is not a file`);
  if (size < LENGTH_BYTES) throw new WeightsError(`${file} is too short for a safetensors file: ${size} bytes`);
  const prefix = await read(handle, file, 0, LENGTH_BYTES);
  const headerBytes = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  const dataStart = LENGTH_BYTES + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || dataStart > size) {
    throw new WeightsError(`${file} is truncated or no safetensors file: header of ${headerBytes} bytes in ${size}`);
  }
  const json = await read(handle, file, LENGTH_BYTES, headerBytes);
  return { header: parseHeader(json, size - dataStart, file), dataStart };
}

async function fileSize(handle: FileHandle): Promise<{ size: number; isFile: boolean }> {
  const stat = await handle.stat();
  return { size: stat.size, isFile: stat.isFile() };
}

async function read(handle: FileHandle, file: string, start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  // One buffer per tensor, not from the pool: its alignment lets typed arrays look into it.
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled);
    if (bytesRead === 0) throw new WeightsError(`${file} ended at byte ${start + filled} while it was read`);
    filled += bytesRead;
  }
  return buffer;
}
