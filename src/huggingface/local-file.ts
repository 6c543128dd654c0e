import { rm } from 'node:fs/promises';
import path from 'node:path';
import { verifyFile } from './checksum.ts';
import { WrongContentError } from './hub-error.ts';
import { fileSizeOrZero, partialFileName, removeStalePartials } from './partial-file.ts';
import type { PullContext } from './pull-context.ts';
import type { ResolvedFile } from './resolve-file.ts';

export interface LocalFile {
  readonly resolved: ResolvedFile;
  /** Set where the file is there already, whole and right */
  readonly sha256: string | undefined;
  readonly missingBytes: number;
}

/** What the folder holds of a file. Counts it as progress, and clears away what is of no use. */
export async function findLocalFile(resolved: ResolvedFile, context: PullContext): Promise<LocalFile> {
  const { folder, progress } = context;
  await removeStalePartials(folder, resolved);
  const sha256 = await verifyLocalFile(resolved, context);
  const partialPath = path.join(folder, partialFileName(resolved));
  let bytes = sha256 === undefined ? await fileSizeOrZero(partialPath) : resolved.bytes;
  if (sha256 !== undefined || bytes > resolved.bytes) {
    await rm(partialPath, { force: true });
    bytes = sha256 === undefined ? 0 : resolved.bytes;
  }
  if (bytes > 0) progress.advance(bytes);
  return { resolved, sha256, missingBytes: resolved.bytes - bytes };
}

async function verifyLocalFile(resolved: ResolvedFile, { folder, signal }: PullContext): Promise<string | undefined> {
  try {
    return await verifyFile(path.join(folder, resolved.file.fileName), resolved, signal);
  } catch (error) {
    if (error instanceof WrongContentError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
