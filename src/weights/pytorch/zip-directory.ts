import type { FileBytes } from '../file-bytes.ts';
import { WeightsError } from '../weights-error.ts';
import { legible } from './legible.ts';
import { readZipEnd } from './zip-end.ts';

const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
/** Of the fixed part of a local header, which is as long as the entry's record at the very least. */
export const LOCAL_HEADER_BYTES = 30;
/** About a million records; the directory is the one part that is loaded whole. */
const MAX_DIRECTORY_BYTES = 1 << 26;
const SATURATED = 0xffffffff;
const ZIP64_EXTRA = 1;

export interface ZipEntry {
  readonly name: string;
  /** Length of the name in the file, which its decoded form need not have. */
  readonly nameBytes: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  /** Size in the file and after inflating. */
  readonly packedBytes: number;
  readonly bytes: number;
  /** First byte of the local header. */
  readonly start: number;
}

/**
 * Every record of the archive by name, from the central directory (APPNOTE.TXT, section 4.3.12).
 * @throws WeightsError where entries repeat, overlap or leave the file
 */
export async function readZipDirectory(source: FileBytes): Promise<ReadonlyMap<string, ZipEntry>> {
  const { file } = source;
  const end = await readZipEnd(source);
  if (end.bytes > MAX_DIRECTORY_BYTES) throw new WeightsError(`${file}: a zip directory of ${end.bytes} bytes`);
  const bytes = await source.read(end.start, end.bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  while (at < bytes.length) {
    const { entry, length } = parseEntry(bytes.subarray(at), file);
    if (entries.has(entry.name)) throw new WeightsError(`${file}: the zip record "${legible(entry.name)}" repeats`);
    entries.set(entry.name, entry);
    at += length;
  }
  if (entries.size !== end.entries) {
    throw new WeightsError(`${file}: the zip directory has ${entries.size} entries, not ${end.entries} as it says`);
  }
  checkLayout(entries, end.start, file);
  return entries;
}

function parseEntry(bytes: Uint8Array, file: string): { entry: ZipEntry; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < ENTRY_BYTES || view.getUint32(0, true) !== ENTRY_SIGNATURE) {
    throw new WeightsError(`${file}: the zip directory is broken`);
  }
  const nameEnd = ENTRY_BYTES + view.getUint16(28, true);
  const extraEnd = nameEnd + view.getUint16(30, true);
  const length = extraEnd + view.getUint16(32, true);
  if (length > bytes.length) throw new WeightsError(`${file}: the zip directory is broken`);
  const sizes = [view.getUint32(24, true), view.getUint32(20, true), view.getUint32(42, true)];
  const [size, packedBytes, start] = withZip64(sizes, bytes.subarray(nameEnd, extraEnd), file);
  const entry = {
    name: new TextDecoder().decode(bytes.subarray(ENTRY_BYTES, nameEnd)),
    nameBytes: nameEnd - ENTRY_BYTES,
    flags: view.getUint16(8, true),
    method: view.getUint16(10, true),
    crc: view.getUint32(16, true),
    packedBytes: packedBytes!,
    bytes: size!,
    start: start!,
  };
  return { entry, length };
}

/** Fields that are all ones continue, in this order, in the zip64 extra field (APPNOTE.TXT, section 4.5.3). */
function withZip64(fields: readonly number[], extra: Uint8Array, file: string): number[] {
  if (!fields.includes(SATURATED)) return [...fields];
  const view = zip64Extra(extra);
  let at = 0;
  return fields.map((field) => {
    if (field !== SATURATED) return field;
    if (view === undefined || at + 8 > view.byteLength) {
      throw new WeightsError(`${file}: an entry of the zip directory lacks its zip64 sizes`);
    }
    // Rounding past 2^53 does no harm: such a size leaves every file, and is refused for that.
    const value = Number(view.getBigUint64(at, true));
    at += 8;
    return value;
  });
}

function zip64Extra(extra: Uint8Array): DataView | undefined {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > extra.length) return undefined;
    if (view.getUint16(at, true) === ZIP64_EXTRA) return new DataView(extra.buffer, extra.byteOffset + at + 4, length);
    at += 4 + length;
  }
  return undefined;
}

/** Records that share bytes would let a small file unpack to any size. */
function checkLayout(entries: ReadonlyMap<string, ZipEntry>, directoryStart: number, file: string): void {
  let free = 0;
  for (const { name, nameBytes, start, packedBytes } of [...entries.values()].sort((a, b) => a.start - b.start)) {
    const end = start + LOCAL_HEADER_BYTES + nameBytes + packedBytes;
    if (start < free) throw new WeightsError(`${file}: the zip record "${legible(name)}" overlaps another`);
    if (end > directoryStart) throw new WeightsError(`${file}: the zip record "${legible(name)}" leaves the file`);
    free = end;
  }
}
