import { existsSync } from 'node:fs';
import path from 'node:path';
import { renameWhenFree } from '../files/files-in-use.ts';
import { makeOwnedFolder, removeAbandonedFolders } from '../files/owned-folder.ts';

const REMOVED_PREFIX = '.removed-';

/** Removes a model folder: nobody sees a part of it, and what a killed process leaves is removed by the next call. */
export async function removeModelFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const root = path.dirname(folder);
  await removeAbandonedFolders(root, REMOVED_PREFIX);
  await using removed = await makeOwnedFolder(root, REMOVED_PREFIX);
  await renameWhenFree(folder, path.join(removed.path, path.basename(folder)));
}
