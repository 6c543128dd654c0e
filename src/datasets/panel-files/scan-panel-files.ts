import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { toReadError } from '../dataset-file.ts';
import { isReportDue, type ProgressOptions, reportProgress } from '../index-progress.ts';

/** A volume of mokuro has an extension of its own, and is JSON likewise. */
const EXTENSIONS = ['.json', '.mokuro'] as const;
export type PanelFileExtension = (typeof EXTENSIONS)[number];
/** Entries read from the system at a time */
const BUFFERED_ENTRIES = 512;

/** Folders are small, and most time is spent waiting for the system. */
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
  const visitEntry = (entry: Dirent, prefix: string, folders: string[]): void => {
    const isFolder = entry.isDirectory();
    const extension = EXTENSIONS.find((candidate) => entry.name.endsWith(candidate));
    if (isFolder) folders.push(`${prefix}${entry.name}/`);
    else if (extension !== undefined) {
      files++;
      onFile(prefix + entry.name.slice(0, -extension.length), extension);
    } else if (entry.isSymbolicLink()) links++;
  };
  const folders = [''];
  const scanFolder = async (prefix: string): Promise<void> => {
    const folder = path.join(root, prefix);
    try {
      for await (const entry of await opendir(folder, { bufferSize: BUFFERED_ENTRIES })) {
        visitEntry(entry, prefix, folders);
        if (isReportDue(++entries)) await reportProgress(progress, files, 'panels');
      }
    } catch (error) {
      progress.signal?.throwIfAborted();
      throw toReadError(folder, error);
    }
  };
  const running = new Set<Promise<void>>();
  try {
    while (folders.length > 0 || running.size > 0) {
      while (running.size < MAX_OPEN_FOLDERS) {
        const next = folders.pop();
        if (next === undefined) break;
        const scan = scanFolder(next).finally(() => running.delete(scan));
        running.add(scan);
      }
      await Promise.race(running);
    }
  } finally {
    // So that no folder stays open if one has failed.
    await Promise.allSettled(running);
  }
  return { files, links };
}

export function panelFilePath(root: string, id: string, extension: PanelFileExtension = '.json'): string {
  return path.join(root, id + extension);
}
