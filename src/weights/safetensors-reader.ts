import { open } from 'node:fs/promises';
import { oneLine } from '../errors.ts';
import type { DType } from '../graph/dtype.ts';
import { LENGTH_BYTES, MAX_HEADER_BYTES, parseHeader, type TensorEntry } from './safetensors-header.ts';
import { WeightsError } from './weights-error.ts';

/** One tensor: elements in row-major order, little-endian, as the file has them. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file, or only the tensors whose key `wanted` accepts: the rest is never loaded.
 * @throws WeightsError where the file is truncated, torn or of another kind
 */
export async function readSafetensors(
  file: string,
  wanted: (key: string) => boolean = () => true,
): Promise<Safetensors> {
  await using handle = await open(file, 'r').catch((cause: unknown) => {
    throw new WeightsError(`cannot read ${file}: ${oneLine(cause)}`, { cause });
  });
  const { size } = await handle.stat();
  const read = async (start: number, length: number): Promise<Uint8Array> => {
    // One buffer per tensor, not from the pool: its alignment lets typed arrays look into it.
    const buffer = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled);
      if (bytesRead === 0) throw new WeightsError(`${file} ended at byte ${start + filled} while it was read`);
      filled += bytesRead;
    }
    return buffer;
  };
  if (size < LENGTH_BYTES) throw new WeightsError(`${file} is too short for a safetensors file: ${size} bytes`);
  const prefix = await read(0, LENGTH_BYTES);
  const headerBytes = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  const dataStart = LENGTH_BYTES + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || dataStart > size) {
    throw new WeightsError(`${file} is truncated or no safetensors file: header of ${headerBytes} bytes in ${size}`);
  }
  const header = parseHeader(await read(LENGTH_BYTES, headerBytes), size - dataStart, file);
  const tensors = new Map<string, Tensor>();
  for (const [key, entry] of header.entries) {
    if (wanted(key)) tensors.set(key, await readTensor(entry));
  }
  return { tensors, metadata: header.metadata };

  async function readTensor({ dtype, shape, start, end }: TensorEntry): Promise<Tensor> {
    return { dtype, shape, bytes: await read(dataStart + start, end - start) };
  }
}
