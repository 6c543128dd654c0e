import { z } from 'zod';
import { DTYPES, type DType } from '../graph/dtype.ts';
import { elementCount, sameShape } from '../graph/shape.ts';
import { isObject, type JsonObject } from '../util/json.ts';
import { WeightsError } from './weights-error.ts';

/**
 * The safetensors layout: 8 bytes little-endian header length, a JSON header, then the tensors. Offsets count from the
 * end of the header. Source: github.com/huggingface/safetensors, "Format".
 */
export const HEADER_LENGTH_BYTES = 8;
/** The format's own limit. A longer header is an attack or another kind of file. */
export const MAX_HEADER_BYTES = 100_000_000;

export const SAFETENSORS_DTYPES = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  I64: 'int64',
  I32: 'int32',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
} as const satisfies Record<string, DType>;

/** Read as float32, of which it is the upper half. Never written. */
const BFLOAT16 = 'BF16';
const BFLOAT16_BYTES = 2;
/** The tensor `KEY.scale` has a float32 for each row of the int8 tensor KEY, which is then read as float32. */
export const SCALE_SUFFIX = '.scale';

export interface TensorEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Position of the first byte, counted from the end of the header; `end` is that after the last byte. */
  readonly start: number;
  readonly end: number;
  /** What the file holds where it is not of the dtype, but is read as such. */
  readonly stored: 'bfloat16' | QuantisedRows | undefined;
}

/** An int8 matrix whose rows have a scale each. */
interface QuantisedRows {
  readonly scales: Pick<TensorEntry, 'start' | 'end'>;
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

const naturalNumber = z.number().int().nonnegative();
const entrySchema = z.object({
  dtype: z.enum([...Object.keys(SAFETENSORS_DTYPES), BFLOAT16] as [keyof typeof SAFETENSORS_DTYPES | typeof BFLOAT16]),
  shape: z.array(naturalNumber),
  data_offsets: z.tuple([naturalNumber, naturalNumber]),
});
/** The format has a map of strings. Other tools write null, and values that are numbers or objects: these become their JSON. */
const metadataSchema = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((metadata) =>
    Object.fromEntries(
      Object.entries(metadata ?? {})
        .filter(([, value]) => value != null)
        .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    ),
  );

/**
 * Parses and checks a header: every tensor's offsets lie inside the file and hold exactly its elements, and the
 * tensors cover the data without gap or overlap.
 * @throws WeightsError naming the file and the tensor
 */
export function parseHeader(json: Uint8Array, dataBytes: number, file: string): SafetensorsHeader {
  const { __metadata__: metadata, ...tensors } = parseObject(json, file);
  const entries = new Map(Object.entries(tensors).map(([key, raw]) => [key, parseEntry(key, raw, file)]));
  checkCoverage(entries, dataBytes, file);
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) throw new WeightsError(`${file}: __metadata__ is not a map`);
  return { entries: joinScales(entries), metadata: parsed.data };
}

/** The entries without scales: what they belong to is float32. */
function joinScales(entries: ReadonlyMap<string, TensorEntry>): ReadonlyMap<string, TensorEntry> {
  const joined = new Map(entries);
  for (const [key, entry] of entries) {
    const scales = entries.get(key + SCALE_SUFFIX);
    if (entry.dtype !== 'int8' || scales?.dtype !== 'float32' || scales.stored !== undefined) continue;
    if (!sameShape(scales.shape, entry.shape.slice(0, 1))) continue;
    joined.set(key, { ...entry, dtype: 'float32', stored: { scales } });
    joined.delete(key + SCALE_SUFFIX);
  }
  return joined;
}

function parseObject(json: Uint8Array, file: string): JsonObject {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    if (isObject(value)) return value;
  } catch (cause) {
    throw new WeightsError(`${file}: the safetensors header is not JSON`, { cause });
  }
  throw new WeightsError(`${file}: the safetensors header is not an object`);
}

function parseEntry(key: string, raw: unknown, file: string): TensorEntry {
  const parsed = entrySchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new WeightsError(`${file}: tensor "${key}": ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const [start, end] = parsed.data.data_offsets;
  const name = parsed.data.dtype;
  const dtype: DType = name === BFLOAT16 ? 'float32' : SAFETENSORS_DTYPES[name];
  const bytes = elementCount(parsed.data.shape) * (name === BFLOAT16 ? BFLOAT16_BYTES : DTYPES[dtype].bytes);
  if (end - start !== bytes) {
    throw new WeightsError(`${file}: tensor "${key}" takes ${bytes} bytes, but its offsets hold ${end - start}`);
  }
  return { dtype, shape: parsed.data.shape, start, end, stored: name === BFLOAT16 ? 'bfloat16' : undefined };
}

function checkCoverage(entries: ReadonlyMap<string, TensorEntry>, dataBytes: number, file: string): void {
  let expectedStart = 0;
  for (const [key, { start, end }] of [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (start !== expectedStart)
      throw new WeightsError(`${file}: tensor "${key}" begins at byte ${start}, not at ${expectedStart}`);
    if (end > dataBytes) throw new WeightsError(`${file}: tensor "${key}" ends at byte ${end} of ${dataBytes}`);
    expectedStart = end;
  }
  if (expectedStart !== dataBytes)
    throw new WeightsError(`${file}: ${dataBytes - expectedStart} bytes after the last tensor`);
}
