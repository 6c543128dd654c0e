import { open } from 'node:fs/promises';

/** Bytes from the beginning of a file that `describeForeignContent` looks at: enough for the mark of a tar archive. */
export const FOREIGN_CONTENT_BYTES = 512;

const TEXT_KINDS: readonly (readonly [RegExp, string])[] = [
  [
    /^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\//,
    'is a Git LFS pointer, not the file itself: run `git lfs pull` in its repository',
  ],
  [
    /^(\.\.\/)*(\.git|\/?annex)\/(annex\/)?objects\//,
    'is a git-annex pointer, not the file itself: run `git annex get` in its repository',
  ],
  [
    /^\s*(<!doctype html|<html|<head|<(!--[^>]*--|\?xml[^>]*\?)>\s*(<!doctype html|<html))/i,
    'is a web page (HTML), not the file itself: download it again; its address may ask for a login',
  ],
  [/^\s*<\?xml[^>]*\?>\s*<Error>/, 'is the error message of a store (XML), not the file itself: download it again'],
];

const BINARY_KINDS: readonly (readonly [offset: number, bytes: string, description: string])[] = [
  [0, '1f8b', 'is compressed with gzip: unpack it first'],
  [0, '28b52ffd', 'is compressed with Zstandard: unpack it first'],
  [0, 'fd377a585a00', 'is compressed with xz: unpack it first'],
  [4, '314159265359', 'is compressed with bzip2: unpack it first'],
  [0, '377abcaf271c', 'is a 7z archive: unpack it first'],
  [0, '526172211a07', 'is a RAR archive: unpack it first'],
  [257, '7573746172', 'is a tar archive: unpack it first'],
];

/**
 * Says what stands in the place of a file that is no readable file of its kind: a pointer that a version control system left,
 * a page of a server, a compressed copy. For messages, once a reader has found that the content is wrong.
 * @param start the first FOREIGN_CONTENT_BYTES bytes, or the whole of a shorter file
 * @returns what follows the name of the file in a message, with the remedy; undefined where nothing is recognised
 */
export function describeForeignContent(start: Uint8Array): string | undefined {
  if (start.length === 0) return 'is empty: copy or download it again';
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  const text = bytes.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  const textKind = TEXT_KINDS.find(([pattern]) => pattern.test(text));
  if (textKind !== undefined) return textKind[1];
  return BINARY_KINDS.find(([offset, hex]) =>
    bytes.subarray(offset, offset + hex.length / 2).equals(Buffer.from(hex, 'hex')),
  )?.[2];
}

/** As `describeForeignContent`, of a file: the message begins with its name. Undefined where it cannot be read, too. */
export async function describeForeignFile(file: string): Promise<string | undefined> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FOREIGN_CONTENT_BYTES), 0, FOREIGN_CONTENT_BYTES, 0);
    const problem = describeForeignContent(buffer.subarray(0, bytesRead));
    return problem && `${file} ${problem}`;
  } catch {
    return undefined;
  }
}
