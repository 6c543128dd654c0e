import { createHash, type Hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset } from '../../datasets/dataset-spec.ts';
import { panelFilePath, scanPanelFiles } from '../../datasets/panel-files/scan-panel-files.ts';
import type { ReadableZarrStore } from '../../zarr/open-zarr-store.ts';
import { chunkCount } from '../../zarr/store-shape.ts';
import { chunkFile } from '../../zarr/zarr-chunk.ts';
import { EMBEDDINGS } from '../../zarr/zarr-metadata.ts';
import type { TaskContext } from '../job-kind.ts';
import { type PageIndexFiles, readPartPages, readPartTable } from './page-index-file.ts';

/** Files that are asked for at a time: most time is spent waiting for the system. */
const MAX_FILES_AT_A_TIME = 64;

/**
 * A hash of the states of all files that the pages of a dataset are read from: paths, sizes and times. Their contents would take as
 * long to read as the job itself.
 * @param index of the dataset
 */
export async function hashDatasetFiles(
  { panels }: Dataset,
  index: PageIndexFiles,
  { signal }: Pick<TaskContext, 'signal'>,
): Promise<string> {
  const hash = createHash('sha256');
  const { offsets } = await readPartTable(index);
  for (let part = 0; part < offsets.length - 1; part++) {
    signal.throwIfAborted();
    const { entries } = await readPartPages(index, part);
    // The pages of an archive share its file.
    await addStates(hash, [...new Set(entries.map(({ imagePath }) => imagePath))]);
  }
  for (const root of [panels.root, panels.texts?.root]) {
    if (root) await addStates(hash, await listPanelFiles(root, signal));
  }
  return hash.digest('hex');
}

/** The same for the vectors of a store. Its lines have hashes of their own. */
export async function hashVectorFiles({ folder, shape }: ReadableZarrStore): Promise<string> {
  const hash = createHash('sha256');
  const chunks = Array.from({ length: chunkCount(shape) }, (_, chunk) =>
    path.join(folder, chunkFile(EMBEDDINGS, chunk)),
  );
  await addStates(hash, chunks);
  return hash.digest('hex');
}

async function listPanelFiles(root: string, signal: AbortSignal): Promise<string[]> {
  if ((await stat(root)).isFile()) return [root];
  const files: string[] = [];
  await scanPanelFiles(root, (id, extension) => files.push(panelFilePath(root, id, extension)), { signal });
  return files.sort();
}

async function addStates(hash: Hash, files: readonly string[]): Promise<void> {
  for (let start = 0; start < files.length; start += MAX_FILES_AT_A_TIME) {
    const states = files.slice(start, start + MAX_FILES_AT_A_TIME).map(describeState);
    hash.update(`${JSON.stringify(await Promise.all(states))}\n`);
  }
}

async function describeState(file: string): Promise<[string, number, number] | [string]> {
  const stats = await stat(file).catch(() => undefined);
  return stats === undefined ? [file] : [file, stats.size, stats.mtimeMs];
}
