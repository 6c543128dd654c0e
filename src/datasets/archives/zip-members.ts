import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import { firstLine } from '../../errors.ts';
import { describeForeignContent, FOREIGN_CONTENT_BYTES } from '../../files/foreign-content.ts';
import { ArchiveError } from './archive-error.ts';
import { containerBySignature, describeUnsupported } from './archive-kinds.ts';
import { HandleReader } from './handle-reader.ts';
import { type NameNote, readMemberName } from './member-name.ts';

/** A file in an archive, with all that is needed to read it without the archive's directory. */
export interface ArchiveMember {
  /** The path in the archive, with / */
  readonly name: string;
  /** Where its header is in the archive */
  readonly offset: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly isDeflated: boolean;
  readonly crc32: number;
}

export interface ListedMember extends ArchiveMember {
  /** Why it cannot be read, or null */
  readonly problem: string | null;
  readonly note: NameNote;
}

const MAX_MEMBERS = 100_000;
const MAX_DIRECTORY_BYTES = 1 << 25;
const DEFLATE = 8;
/** Deflate adds five bytes to each 16 KiB that it cannot compress. */
const MAX_DEFLATE_OVERHEAD_BYTES = 1 << 20;
/** What a directory has for each file beside its name, comment and extra field */
const FIXED_ENTRY_BYTES = 46;

const inflate = promisify(inflateRaw);

/**
 * Lists the files in an archive, in its order.
 * @param nameEncoding the encoding of names that do not say theirs
 * @throws ArchiveError if it is no ZIP archive, or damaged; the system's errors
 */
export async function listMembers(handle: FileHandle, nameEncoding: string | null): Promise<ListedMember[]> {
  const members: ListedMember[] = [];
  let directoryBytes = 0;
  try {
    const zip = await openZip(handle);
    if (zip.entryCount > MAX_MEMBERS) throw new Error(`it has ${zip.entryCount} files, over ${MAX_MEMBERS}`);
    for await (const entry of zip.eachEntry()) {
      const { fileNameLength, extraFieldLength, fileCommentLength } = entry;
      directoryBytes += FIXED_ENTRY_BYTES + fileNameLength + extraFieldLength + fileCommentLength;
      if (directoryBytes > MAX_DIRECTORY_BYTES) throw new Error(`its directory has over ${MAX_DIRECTORY_BYTES} bytes`);
      const member = toMember(entry, nameEncoding);
      if (!member.name.endsWith('/')) members.push(member);
    }
  } catch (error) {
    throw await explainError(error, handle);
  }
  return members;
}

/** Whether an archive still has a file where it was. */
export async function hasMember(handle: FileHandle, member: ArchiveMember): Promise<boolean> {
  const members = await listMembers(handle, null).catch(() => []);
  return members.some(({ offset, crc32: checksum }) => offset === member.offset && checksum === member.crc32);
}

/**
 * Reads a file in an archive. No more is inflated than it is said to have: the caller decides whether that is too much.
 * @throws ArchiveError if what is there is not this file, or not whole; the system's errors
 */
export async function readMember(handle: FileHandle, member: ArchiveMember): Promise<Buffer> {
  const { offset, compressedBytes, bytes, isDeflated } = member;
  try {
    if (compressedBytes > bytes + MAX_DEFLATE_OVERHEAD_BYTES) throw new Error('it is compressed to more than it has');
    const zip = await openZip(handle);
    const header = { relativeOffsetOfLocalHeader: offset, compressedSize: compressedBytes } as Entry;
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(header, { minimal: true });
    const stored = Buffer.alloc(compressedBytes);
    const { bytesRead } = await handle.read(stored, 0, compressedBytes, fileDataStart);
    if (bytesRead < compressedBytes) throw new Error('the archive ends within it');
    if (bytes === 0) return Buffer.alloc(0);
    const content = isDeflated ? await inflate(stored, { maxOutputLength: bytes }) : stored;
    if (content.length !== bytes) throw new Error(`it has ${content.length} bytes in place of ${bytes}`);
    if (crc32(content) !== member.crc32) throw new Error('its checksum is wrong');
    return content;
  } catch (error) {
    throw await explainError(error, handle);
  }
}

async function openZip(handle: FileHandle): Promise<ZipFile> {
  const { size } = await handle.stat();
  const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
  return fromRandomAccessReaderPromise(new HandleReader(handle, size), size, options);
}

function toMember(entry: Entry, nameEncoding: string | null): ListedMember {
  const { name, note, problem } = readName(entry, nameEncoding);
  return {
    name,
    offset: entry.relativeOffsetOfLocalHeader,
    compressedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    isDeflated: entry.compressionMethod === DEFLATE,
    crc32: entry.crc32,
    problem: problem ?? contentProblem(entry),
    note,
  };
}

function readName(entry: Entry, encoding: string | null) {
  try {
    const memberName = readMemberName(entry, encoding);
    return { ...memberName, problem: nameProblem(memberName.name) };
  } catch (error) {
    return { name: entry.fileNameRaw.toString('latin1'), note: null, problem: firstLine(error) };
  }
}

function nameProblem(name: string): string | null {
  const leadsOutside = /^(?:\/|[a-z]:)/i.test(name) || name.split('/').includes('..');
  return leadsOutside ? 'its path leads out of the archive' : null;
}

function contentProblem(entry: Entry): string | null {
  if (entry.isEncrypted()) return 'it is encrypted';
  if (!entry.canDecodeFileData()) {
    return `its compression method ${entry.compressionMethod} is not read: repack the archive with Deflate`;
  }
  return null;
}

/** Errors of the system keep what they are; all others are the fault of the archive. */
async function explainError(error: unknown, handle: FileHandle): Promise<unknown> {
  const { code } = error as NodeJS.ErrnoException;
  const isOfSystem = code !== undefined && !code.startsWith('Z_') && !code.startsWith('ERR_');
  if (isOfSystem) return error;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(FOREIGN_CONTENT_BYTES), 0, FOREIGN_CONTENT_BYTES, 0);
  const start = buffer.subarray(0, bytesRead);
  const container = containerBySignature(start);
  if (container !== undefined && container !== 'ZIP') {
    return new ArchiveError('unsupported_archive', describeUnsupported(container), error);
  }
  const foreign = container === undefined ? describeForeignContent(start) : undefined;
  const problem = foreign === undefined ? explainText(firstLine(error), container) : `it ${foreign}`;
  return new ArchiveError('bad_archive', problem, error);
}

function explainText(text: string, container: string | undefined): string {
  if (!/^End of central directory/i.test(text)) return text;
  return container === 'ZIP'
    ? 'it is truncated: its directory, at the end, is missing'
    : 'it is no ZIP archive: repack it as CBZ';
}
