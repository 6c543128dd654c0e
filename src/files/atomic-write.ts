import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../errors.ts';

/**
 * Writes a file that is seen under its name whole or not at all, whenever the process is killed and after a power cut: it
 * grows in the scratch folder, reaches the disk, and is renamed. What a killed process leaves lies in scratch only.
 * @param scratch a folder of the same file system, as a rename does not cross to another
 * @throws PanelvecError with the system's error as its cause (ENOSPC, EACCES); the file is then as it was
 */
export async function writeFileAtomic(file: string, bytes: Uint8Array, scratch: string): Promise<void> {
  // Not the process's number: in containers that share a volume, every process has the same.
  const temporaryFile = path.join(scratch, `${path.basename(file)}.${randomUUID()}.part`);
  try {
    await writeSynced(temporaryFile, bytes);
    await rename(temporaryFile, file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    await rm(temporaryFile, { force: true }).catch(() => {});
    throw new PanelvecError('internal', `${file} could not be written: ${firstLine(error)}`, { cause: error });
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, 'wx');
  await handle.writeFile(bytes);
  await handle.sync();
}

/** A rename is on the disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}
