import { writeFileAtomic } from '../files/atomic-write.ts';
import type { DType } from '../graph/dtype.ts';
import { HEADER_LENGTH_BYTES, SAFETENSORS_DTYPES } from './safetensors-header.ts';
import type { Tensor } from './tensor.ts';

const SAFETENSORS_NAMES = Object.fromEntries(
  Object.entries(SAFETENSORS_DTYPES).map(([name, dtype]) => [dtype, name]),
) as Record<DType, string>;

/**
 * Writes tensors to a file that appears completely or not at all. The header is padded to 8 bytes.
 * @throws PanelvecError where the file cannot be written
 */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(file, encodeChunks(tensors, metadata));
}

function* encodeChunks(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  yield encodeHeader(tensors, metadata);
  for (const { bytes } of tensors.values()) yield bytes;
}

function encodeHeader(tensors: ReadonlyMap<string, Tensor>, metadata: Readonly<Record<string, string>>): Uint8Array {
  // Without a prototype, so that a tensor may have any name.
  const header: Record<string, unknown> = Object.assign(Object.create(null), { __metadata__: metadata });
  let offset = 0;
  for (const [key, { dtype, shape, bytes }] of tensors) {
    header[key] = { dtype: SAFETENSORS_NAMES[dtype], shape, data_offsets: [offset, offset + bytes.byteLength] };
    offset += bytes.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const paddedLength = Math.ceil(text.byteLength / HEADER_LENGTH_BYTES) * HEADER_LENGTH_BYTES;
  const result = new Uint8Array(HEADER_LENGTH_BYTES + paddedLength).fill(0x20);
  new DataView(result.buffer).setBigUint64(0, BigInt(paddedLength), true);
  result.set(text, HEADER_LENGTH_BYTES);
  return result;
}
