import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { TrainingPartFile } from '../../training/data/training-part-file.ts';
import type { PageIndex } from '../pages/page-index-file.ts';
import type { TrainingJobPaths } from './training-job-paths.ts';

interface PartsManifest {
  readonly job_id: string;
  /** Hashes of the indexes */
  readonly pages: readonly string[];
}

/**
 * Removes the parts of an earlier job, except those that hold all of the same pages: a page that could not be read then may be
 * readable now. Does nothing where this job has started before.
 * @param parts the number of pages of each part
 */
export async function removeStaleParts(
  { work }: TrainingJobPaths,
  jobId: string,
  indexes: readonly PageIndex[],
  parts: readonly number[],
): Promise<void> {
  const text = await readFile(work.partsManifest, 'utf8').catch(() => undefined);
  const previous: PartsManifest | undefined = text === undefined ? undefined : JSON.parse(text);
  const current: PartsManifest = { job_id: jobId, pages: indexes.map(({ sha256 }) => sha256) };
  if (isDeepStrictEqual(previous, current)) return;
  const isSamePages = isDeepStrictEqual(previous?.pages, current.pages);
  for (const [part, pages] of parts.entries()) {
    const file = work.part(part);
    if (existsSync(file) && !(isSamePages && (await countPages(file)) === pages)) await rm(file);
  }
  await writeFileAtomic(work.partsManifest, JSON.stringify(current), work.scratch);
}

async function countPages(file: string): Promise<number> {
  await using part = await TrainingPartFile.open(file);
  return part.pages.length;
}
