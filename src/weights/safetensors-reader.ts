import { bfloat16ToFloat32 } from '../graph/float16.ts';
import { assertOwnContent } from './assert-own-content.ts';
import { RandomAccessFile } from './random-access-file.ts';
import { quantisedTensor } from './row-quantisation.ts';
import {
  HEADER_LENGTH_BYTES,
  MAX_HEADER_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from './safetensors-header.ts';
import type { Tensor } from './tensor.ts';
import { WeightsError } from './weights-error.ts';
import type { WeightsFile } from './weights-file.ts';

const ZIP_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads the names, shapes and metadata of a safetensors file, but no elements. @throws WeightsError */
export async function readSafetensorsHeader(file: string): Promise<SafetensorsHeader> {
  await using source = await RandomAccessFile.open(file);
  return (await readHeader(source)).header;
}

/**
 * Reads a safetensors file, or only the tensors whose key `filter` accepts: the rest is never loaded. bfloat16 and
 * int8 with scales become float32.
 * @throws WeightsError where the file is truncated, torn or of another kind
 */
export async function readSafetensors(
  file: string,
  filter: (key: string) => boolean = () => true,
): Promise<Safetensors> {
  await using source = await RandomAccessFile.open(file);
  const { header, dataStart } = await readHeader(source);
  const tensors = new Map<string, Tensor>();
  for (const [key, entry] of header.entries) {
    if (!filter(key)) continue;
    tensors.set(key, await readTensor(source, dataStart, entry));
  }
  return { tensors, metadata: header.metadata };
}

/** Reads a tensor as one of its dtype, whatever it is stored as. */
async function readTensor(source: RandomAccessFile, dataStart: number, entry: TensorEntry): Promise<Tensor> {
  const read = ({ start, end }: Pick<TensorEntry, 'start' | 'end'>) => source.read(dataStart + start, end - start);
  const { dtype, shape, stored } = entry;
  const bytes = await read(entry);
  if (stored === undefined) return { dtype, shape, bytes };
  if (stored === 'bfloat16') return { dtype, shape, bytes: bfloat16ToFloat32(bytes) };
  return quantisedTensor(shape, { values: bytes, scales: await read(stored.scales) });
}

/** Opens a safetensors file without reading elements. @throws WeightsError */
export async function openSafetensors(file: string): Promise<WeightsFile> {
  const { entries, metadata } = await readSafetensorsHeader(file);
  return {
    file,
    tensors: [...entries.keys()].map((key) => ({ key, dict: '' })),
    others: [],
    metadata,
    load: async (keys) => {
      const wanted = new Set(keys);
      return (await readSafetensors(file, (key) => wanted.has(key))).tensors;
    },
  };
}

/** Reads the header of an open file, and where its tensors begin. @throws WeightsError */
export async function readHeader(source: RandomAccessFile): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  const { file, size } = source;
  await assertOwnContent(source);
  if (size < HEADER_LENGTH_BYTES) throw new WeightsError(`${file} is too short for a safetensors file: ${size} bytes`);
  const prefix = await source.read(0, HEADER_LENGTH_BYTES);
  const headerBytes = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  const dataStart = HEADER_LENGTH_BYTES + headerBytes;
  if (Buffer.from(prefix).subarray(0, ZIP_SIGNATURE.length).equals(ZIP_SIGNATURE)) {
    throw new WeightsError(`${file} is a zip file, as torch.save writes it, and no safetensors file: name it .pt`);
  }
  if (headerBytes > MAX_HEADER_BYTES || dataStart > size) {
    throw new WeightsError(`${file} is truncated or no safetensors file: header of ${headerBytes} bytes in ${size}`);
  }
  const json = await source.read(HEADER_LENGTH_BYTES, headerBytes);
  return { header: parseHeader(json, size - dataStart, file), dataStart };
}
