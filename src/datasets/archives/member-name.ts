import { isUtf8 } from 'node:buffer';
import { type Entry, getFileNameLowLevel } from 'yauzl';
import { decodeText } from '../../util/strict-text.ts';

/** How a name was read that does not say its encoding; null for a name that does, or is ASCII. */
export type NameNote = 'names_as_utf8' | 'names_as_declared' | 'names_as_cp437' | null;

export interface MemberName {
  /** The path in the archive, with / */
  readonly name: string;
  readonly note: NameNote;
}

const UTF8_FLAG = 0x800;
const UNICODE_PATH_FIELD = 0x7075;

/**
 * Reads the name of a file in an archive: UTF-8 if it is marked so, or at least has the form of it, as names of macOS have;
 * else the declared encoding, or code page 437, which the ZIP format prescribes.
 * @throws Error if the bytes are not of the encoding
 */
export function readMemberName(entry: Entry, encoding: string | null): MemberName {
  const { fileNameRaw: raw, generalPurposeBitFlag: flags, extraFields } = entry;
  const decode = (assumedFlags: number) => getFileNameLowLevel(assumedFlags, raw, extraFields, true);
  const isAscii = raw.every((byte) => byte < 0x80);
  if (isAscii || (flags & UTF8_FLAG) !== 0 || extraFields.some(({ id }) => id === UNICODE_PATH_FIELD)) {
    if ((flags & UTF8_FLAG) !== 0 && !isUtf8(raw)) throw new Error('its name is marked as UTF-8 and is not');
    return { name: toSlashes(decode(flags)), note: null };
  }
  if (encoding !== null) return { name: toSlashes(decodeText(raw, encoding)), note: 'names_as_declared' };
  if (isUtf8(raw)) return { name: toSlashes(decode(flags | UTF8_FLAG)), note: 'names_as_utf8' };
  return { name: toSlashes(decode(flags)), note: 'names_as_cp437' };
}

/** Old programs of Windows write backslashes. In a name with slashes they may be the half of a character. */
function toSlashes(name: string): string {
  return name.includes('/') ? name : name.replaceAll('\\', '/');
}
