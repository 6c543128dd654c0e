import { rm } from 'node:fs/promises';
import path from 'node:path';
import { verify } from './checksum.ts';
import { WrongContentError } from './hub-error.ts';
import { partName, removeOldParts, sizeOf } from './part-file.ts';
import type { Pulling } from './pulling.ts';
import type { ResolvedFile } from './resolve.ts';

export interface FoundFile {
  readonly resolved: ResolvedFile;
  /** Set where the file is there already, whole and right */
  readonly sha256: string | undefined;
  readonly missingBytes: number;
}

/** What the folder holds of a file. Counts it as progress, and clears away what is of no use. */
export async function findFile(resolved: ResolvedFile, pulling: Pulling): Promise<FoundFile> {
  const { folder, progress } = pulling;
  await removeOldParts(folder, resolved);
  const sha256 = await wholeFile(resolved, pulling);
  const part = path.join(folder, partName(resolved));
  let bytes = sha256 === undefined ? await sizeOf(part) : resolved.bytes;
  if (sha256 !== undefined || bytes > resolved.bytes) {
    await rm(part, { force: true });
    bytes = sha256 === undefined ? 0 : resolved.bytes;
  }
  if (bytes > 0) progress.advance(bytes);
  return { resolved, sha256, missingBytes: resolved.bytes - bytes };
}

async function wholeFile(resolved: ResolvedFile, { folder, signal }: Pulling): Promise<string | undefined> {
  try {
    return await verify(path.join(folder, resolved.file.as), resolved, signal);
  } catch (error) {
    if (error instanceof WrongContentError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
