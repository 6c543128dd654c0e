import type { RandomAccessFile } from '../random-access-file.ts';
import { WeightsError } from '../weights-error.ts';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;

/** The place of the central directory. */
export interface EndOfCentralDirectory {
  readonly entryCount: number;
  readonly directoryOffset: number;
  readonly directorySize: number;
}

/**
 * Reads the end record of a zip file, in its zip64 form where there is one (PyTorch always writes both). The directory must
 * end exactly where its end record begins, which rules out prefixed, split and most truncated files.
 * Source: APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16.
 * @throws WeightsError where there is none, or it is wrong
 */
export async function readEndOfCentralDirectory(source: RandomAccessFile): Promise<EndOfCentralDirectory> {
  const tailStart = Math.max(0, source.size - END_BYTES - MAX_COMMENT_BYTES - LOCATOR_BYTES);
  const tail = new DataView((await source.read(tailStart, source.size - tailStart)).buffer);
  const endOffset = findEndRecord(tail);
  if (endOffset === undefined) throw new WeightsError(`${source.file} is truncated: it has no zip end record`);
  const hasZip64Locator =
    endOffset >= LOCATOR_BYTES && tail.getUint32(endOffset - LOCATOR_BYTES, true) === LOCATOR_SIGNATURE;
  const recordOffset = hasZip64Locator
    ? readUint64(tail, endOffset - LOCATOR_BYTES + 8, source)
    : tailStart + endOffset;
  const end = hasZip64Locator ? await readZip64EndRecord(source, recordOffset) : readEndRecord(tail, endOffset);
  if (end.directoryOffset + end.directorySize !== recordOffset) {
    throw new WeightsError(
      `${source.file}: the zip directory is said to take bytes ${end.directoryOffset} to ${end.directoryOffset + end.directorySize}, but its end record is at ${recordOffset}`,
    );
  }
  return end;
}

/** Finds the last signature whose comment reaches exactly to the end of the file. */
function findEndRecord(tail: DataView): number | undefined {
  for (let offset = tail.byteLength - END_BYTES; offset >= 0; offset--) {
    if (tail.getUint32(offset, true) !== END_SIGNATURE) continue;
    if (offset + END_BYTES + tail.getUint16(offset + 20, true) === tail.byteLength) return offset;
  }
  return undefined;
}

function readEndRecord(tail: DataView, offset: number): EndOfCentralDirectory {
  return {
    entryCount: tail.getUint16(offset + 10, true),
    directorySize: tail.getUint32(offset + 12, true),
    directoryOffset: tail.getUint32(offset + 16, true),
  };
}

async function readZip64EndRecord(source: RandomAccessFile, offset: number): Promise<EndOfCentralDirectory> {
  const record = new DataView((await source.read(offset, END64_BYTES)).buffer);
  if (record.getUint32(0, true) !== END64_SIGNATURE) {
    throw new WeightsError(`${source.file}: the zip64 end record is not at byte ${offset}`);
  }
  return {
    entryCount: readUint64(record, 32, source),
    directorySize: readUint64(record, 40, source),
    directoryOffset: readUint64(record, 48, source),
  };
}

/** Reads a 64-bit field. None is larger than the file, and so none is too large for a number. */
export function readUint64(view: DataView, offset: number, { file, size }: RandomAccessFile): number {
  const value = view.getBigUint64(offset, true);
  if (value > BigInt(size)) throw new WeightsError(`${file}: the zip directory says ${value} in ${size} bytes`);
  return Number(value);
}
