import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { writeWhole } from '../../formats/whole-file.ts';
import { PartFile } from '../../training/data/part-file.ts';
import type { PageIndex } from '../pages/page-index.ts';
import type { TrainFolder } from './train-folder.ts';

interface Begun {
  readonly job_id: string;
  /** Hashes of the indexes */
  readonly pages: readonly string[];
}

/**
 * Of the parts that a job before this one has left, those stay that are of the same pages and lack none of them: a page that
 * could not be read then may be mended now. Does nothing where this job has begun already.
 * @param parts how many pages each has
 */
export async function removeStaleParts(
  { work }: TrainFolder,
  jobId: string,
  indexes: readonly PageIndex[],
  parts: readonly number[],
): Promise<void> {
  const found = await readFile(work.begun, 'utf8').catch(() => undefined);
  const before: Begun | undefined = found === undefined ? undefined : JSON.parse(found);
  const now: Begun = { job_id: jobId, pages: indexes.map(({ sha256 }) => sha256) };
  if (isDeepStrictEqual(before, now)) return;
  const areSame = isDeepStrictEqual(before?.pages, now.pages);
  for (const [part, pages] of parts.entries()) {
    const file = work.part(part);
    if (existsSync(file) && !(areSame && (await pagesIn(file)) === pages)) await rm(file);
  }
  await writeWhole(work.begun, Buffer.from(JSON.stringify(now)), work.scratch);
}

async function pagesIn(file: string): Promise<number> {
  await using part = await PartFile.open(file);
  return part.pages.length;
}
