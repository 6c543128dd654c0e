import type { FileBytes } from '../file-bytes.ts';
import { WeightsError } from '../weights-error.ts';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;

/** Where the central directory lies. */
export interface ZipEnd {
  readonly entries: number;
  readonly start: number;
  readonly bytes: number;
}

/**
 * The end record of a zip file, in its zip64 form where there is one (PyTorch always writes both). The directory must
 * end exactly where its end record begins, which rules out prefixed, split and most torn files.
 * Source: APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16.
 * @throws WeightsError where there is none, or it lies
 */
export async function readZipEnd(source: FileBytes): Promise<ZipEnd> {
  const tailStart = Math.max(0, source.size - END_BYTES - MAX_COMMENT_BYTES - LOCATOR_BYTES);
  const tail = new DataView((await source.read(tailStart, source.size - tailStart)).buffer);
  const at = findEnd(tail);
  if (at === undefined) throw new WeightsError(`${source.file} is truncated: it has no zip end record`);
  const located = at >= LOCATOR_BYTES && tail.getUint32(at - LOCATOR_BYTES, true) === LOCATOR_SIGNATURE;
  const recordStart = located ? wholeNumber(tail, at - LOCATOR_BYTES + 8, source) : tailStart + at;
  const end = located ? await readEnd64(source, recordStart) : readEnd32(tail, at);
  if (end.start + end.bytes !== recordStart) {
    throw new WeightsError(
      `${source.file}: the zip directory is said to take bytes ${end.start} to ${end.start + end.bytes}, but its end record is at ${recordStart}`,
    );
  }
  return end;
}

/** The last place that has the signature and a comment that reaches exactly to the end of the file. */
function findEnd(tail: DataView): number | undefined {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END_SIGNATURE) continue;
    if (at + END_BYTES + tail.getUint16(at + 20, true) === tail.byteLength) return at;
  }
  return undefined;
}

function readEnd32(tail: DataView, at: number): ZipEnd {
  return {
    entries: tail.getUint16(at + 10, true),
    bytes: tail.getUint32(at + 12, true),
    start: tail.getUint32(at + 16, true),
  };
}

async function readEnd64(source: FileBytes, start: number): Promise<ZipEnd> {
  const record = new DataView((await source.read(start, END64_BYTES)).buffer);
  if (record.getUint32(0, true) !== END64_SIGNATURE) {
    throw new WeightsError(`${source.file}: the zip64 end record is not at byte ${start}`);
  }
  return {
    entries: wholeNumber(record, 32, source),
    bytes: wholeNumber(record, 40, source),
    start: wholeNumber(record, 48, source),
  };
}

/** A 64-bit field. Anything past the file's size is a lie, and so none is too large for a number. */
export function wholeNumber(view: DataView, at: number, { file, size }: FileBytes): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(size)) throw new WeightsError(`${file}: the zip directory says ${value} in ${size} bytes`);
  return Number(value);
}
