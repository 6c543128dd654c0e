import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { toReadError } from '../dataset-file.ts';
import { isReportDue, type ProgressOptions, reportProgress } from '../index-progress.ts';

/** A volume of mokuro has an extension of its own, and is JSON likewise. */
const EXTENSIONS = ['.json', '.mokuro'] as const;
export type PanelFileExtension = (typeof EXTENSIONS)[number];

/** Folders that are read at a time: most time is spent waiting for the system. */
const MAX_OPEN_FOLDERS = 8;

export interface PanelFileCounts {
  readonly files: number;
  /** Links that are not named like panel files. They are not followed, as they may form cycles. */
  readonly links: number;
}

/**
 * Lists all panel files under a folder, without a look into any file. A link that is named like a panel file counts as one.
 * @param onFile called with the id of each panel file: its path under `root`, with / and without its extension
 * @throws PanelvecError naming the folder that cannot be read; the signal's reason
 */
export async function scanPanelFiles(
  root: string,
  onFile: (id: string, extension: PanelFileExtension) => void,
  progress: ProgressOptions = {},
): Promise<PanelFileCounts> {
  let files = 0;
  let links = 0;
  let entries = 0;
  const folders = [''];
  const visitFolder = async (prefix: string): Promise<void> => {
    for (const entry of await readFolder(root + prefix)) {
      const { name } = entry;
      const extension = EXTENSIONS.find((candidate) => name.endsWith(candidate));
      if (entry.isDirectory()) folders.push(`${prefix}/${name}`);
      else if (extension !== undefined) {
        files++;
        onFile(`${prefix}/${name}`.slice(1, -extension.length), extension);
      } else if (entry.isSymbolicLink()) links++;
      if (isReportDue(++entries)) await reportProgress(progress, files, 'panels');
    }
  };
  while (folders.length > 0) {
    progress.signal?.throwIfAborted();
    await Promise.all(folders.splice(-MAX_OPEN_FOLDERS).map(visitFolder));
  }
  return { files, links };
}

/** Reads a folder at once: its entries one by one take more calls of the system than small folders have files. */
async function readFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw toReadError(folder, error);
  }
}

/** @param root a resolved path @param id the path of a file that was found */
export function panelFilePath(root: string, id: string, extension: PanelFileExtension = '.json'): string {
  return `${root}${root.endsWith(path.sep) ? '' : path.sep}${id}${extension}`;
}
