import type { RandomAccessFile } from '../random-access-file.ts';
import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import { readEndOfCentralDirectory } from './end-of-central-directory.ts';

const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
/** Of the fixed part of a local header, which is as long as the entry's record at the very least. */
export const LOCAL_HEADER_BYTES = 30;
/** About a million records; the directory is the one part that is loaded whole. */
const MAX_DIRECTORY_BYTES = 1 << 26;
const ZIP64_MARKER = 0xffffffff;
const ZIP64_EXTRA_ID = 1;

export interface ZipEntry {
  readonly name: string;
  /** Length of the name in the file, which its decoded form need not have. */
  readonly nameLength: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  /** Size in the file and after inflating. */
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** First byte of the local header. */
  readonly localHeaderOffset: number;
}

/**
 * Every record of the archive by name, from the central directory (APPNOTE.TXT, section 4.3.12).
 * @throws WeightsError where entries repeat, overlap or leave the file
 */
export async function readZipDirectory(source: RandomAccessFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const { file } = source;
  const end = await readEndOfCentralDirectory(source);
  if (end.directorySize > MAX_DIRECTORY_BYTES)
    throw new WeightsError(`${file}: a zip directory of ${end.directorySize} bytes`);
  const bytes = await source.read(end.directoryOffset, end.directorySize);
  const entries = new Map<string, ZipEntry>();
  let offset = 0;
  while (offset < bytes.length) {
    const { entry, length } = parseEntry(bytes.subarray(offset), file);
    if (entries.has(entry.name))
      throw new WeightsError(`${file}: the zip record "${escapeControlCharacters(entry.name)}" repeats`);
    entries.set(entry.name, entry);
    offset += length;
  }
  if (entries.size !== end.entryCount) {
    throw new WeightsError(`${file}: the zip directory has ${entries.size} entries, not ${end.entryCount} as it says`);
  }
  checkLayout(entries, end.directoryOffset, file);
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
  const [uncompressedSize, compressedSize, localHeaderOffset] = resolveZip64Fields(
    sizes,
    bytes.subarray(nameEnd, extraEnd),
    file,
  );
  const entry = {
    name: new TextDecoder().decode(bytes.subarray(ENTRY_BYTES, nameEnd)),
    nameLength: nameEnd - ENTRY_BYTES,
    flags: view.getUint16(8, true),
    method: view.getUint16(10, true),
    crc: view.getUint32(16, true),
    compressedSize: compressedSize!,
    uncompressedSize: uncompressedSize!,
    localHeaderOffset: localHeaderOffset!,
  };
  return { entry, length };
}

/** Fields that are all ones continue, in this order, in the zip64 extra field (APPNOTE.TXT, section 4.5.3). */
function resolveZip64Fields(fields: readonly number[], extra: Uint8Array, file: string): number[] {
  if (!fields.includes(ZIP64_MARKER)) return [...fields];
  const view = findZip64Extra(extra);
  let offset = 0;
  return fields.map((field) => {
    if (field !== ZIP64_MARKER) return field;
    if (view === undefined || offset + 8 > view.byteLength) {
      throw new WeightsError(`${file}: an entry of the zip directory lacks its zip64 sizes`);
    }
    // Rounding past 2^53 does no harm: such a size leaves every file, and is refused for that.
    const value = Number(view.getBigUint64(offset, true));
    offset += 8;
    return value;
  });
}

function findZip64Extra(extra: Uint8Array): DataView | undefined {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let offset = 0; offset + 4 <= extra.length; ) {
    const length = view.getUint16(offset + 2, true);
    if (offset + 4 + length > extra.length) return undefined;
    if (view.getUint16(offset, true) === ZIP64_EXTRA_ID)
      return new DataView(extra.buffer, extra.byteOffset + offset + 4, length);
    offset += 4 + length;
  }
  return undefined;
}

/** Records that share bytes would let a small file unpack to any size. */
function checkLayout(entries: ReadonlyMap<string, ZipEntry>, directoryStart: number, file: string): void {
  let previousEnd = 0;
  for (const { name, nameLength, localHeaderOffset, compressedSize } of [...entries.values()].sort(
    (a, b) => a.localHeaderOffset - b.localHeaderOffset,
  )) {
    const end = localHeaderOffset + LOCAL_HEADER_BYTES + nameLength + compressedSize;
    if (localHeaderOffset < previousEnd)
      throw new WeightsError(`${file}: the zip record "${escapeControlCharacters(name)}" overlaps another`);
    if (end > directoryStart)
      throw new WeightsError(`${file}: the zip record "${escapeControlCharacters(name)}" leaves the file`);
    previousEnd = end;
  }
}
