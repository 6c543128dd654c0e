import type { RandomAccessFile } from '../random-access-file.ts';
import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import { readEndOfCentralDirectory } from './end-of-central-directory.ts';

const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
/** Size of the fixed part of a local header. */
export const LOCAL_HEADER_BYTES = 30;
/** Room for about a million records. The directory is the one part of an archive that is loaded whole. */
const MAX_DIRECTORY_BYTES = 1 << 26;
const ZIP64_MARKER = 0xffffffff;
const ZIP64_EXTRA_ID = 1;

export interface ZipEntry {
  readonly name: string;
  /** Length of the name in the file, in bytes, which its decoded form need not have. */
  readonly nameLength: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  /** Size in the file; `uncompressedSize` is that after inflating. */
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** Position of the local header in the file. */
  readonly localHeaderOffset: number;
}

/**
 * Reads the central directory: every record of the archive by name (APPNOTE.TXT, section 4.3.12).
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
  const zip64 = new Zip64Fields(bytes.subarray(nameEnd, extraEnd), file);
  // The order of the fields in the extra field.
  const uncompressedSize = zip64.resolve(view.getUint32(24, true));
  const compressedSize = zip64.resolve(view.getUint32(20, true));
  const localHeaderOffset = zip64.resolve(view.getUint32(42, true));
  const entry = {
    name: new TextDecoder().decode(bytes.subarray(ENTRY_BYTES, nameEnd)),
    nameLength: nameEnd - ENTRY_BYTES,
    flags: view.getUint16(8, true),
    method: view.getUint16(10, true),
    crc: view.getUint32(16, true),
    compressedSize,
    uncompressedSize,
    localHeaderOffset,
  };
  return { entry, length };
}

/** The 64-bit values of fields that are all ones, which follow in the zip64 extra field (APPNOTE.TXT, section 4.5.3). */
class Zip64Fields {
  readonly #view: DataView | undefined;
  readonly #file: string;
  #offset = 0;

  constructor(extra: Uint8Array, file: string) {
    this.#view = findZip64Extra(extra);
    this.#file = file;
  }

  resolve(field: number): number {
    if (field !== ZIP64_MARKER) return field;
    if (this.#view === undefined || this.#offset + 8 > this.#view.byteLength) {
      throw new WeightsError(`${this.#file}: an entry of the zip directory lacks its zip64 sizes`);
    }
    // Rounding past 2^53 does no harm: such a size is beyond the end of every file, and is refused for that.
    const value = Number(this.#view.getBigUint64(this.#offset, true));
    this.#offset += 8;
    return value;
  }
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

/** Refuses records that share bytes: they would let a small file unpack to any size. */
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
