import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { PanelvecError } from '../../errors.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import type { Model } from '../../model/model.ts';
import { TrainingPartFile } from '../../training/data/training-part-file.ts';
import type { PageIndex } from '../pages/page-index-file.ts';
import type { TrainingJobPaths } from './training-job-paths.ts';

interface PartsManifest {
  readonly job_id: string;
  /** Hashes of the indexes */
  readonly pages: readonly string[];
  /** The space of the base model: with another, its encoders or the preparation of their inputs are others */
  readonly space: string;
  /** Hashes of the states of the files that the pages of each index are read from */
  readonly files: readonly string[];
}

/**
 * Removes the parts of an earlier job, except those that hold all of the same pages of the same files in the same space: a page that could not be
 * read then may be readable now. Does nothing where this job has started before.
 * @param parts the number of pages of each part
 */
export async function removeStaleParts(
  { work }: TrainingJobPaths,
  jobId: string,
  { space }: Model,
  { indexes, files }: { readonly indexes: readonly PageIndex[]; readonly files: readonly string[] },
  parts: readonly number[],
): Promise<void> {
  const previous = await readManifest(work.partsManifest);
  const current: PartsManifest = { job_id: jobId, pages: indexes.map(({ sha256 }) => sha256), files, space };
  if (isDeepStrictEqual(previous, current)) return;
  const isSamePages =
    previous?.space === space && isDeepStrictEqual([previous.pages, previous.files], [current.pages, current.files]);
  for (const [part, pages] of parts.entries()) {
    const file = work.part(part);
    if (existsSync(file) && !(isSamePages && (await countPages(file)) === pages)) await rm(file);
  }
  await writeFileAtomic(work.partsManifest, JSON.stringify(current), work.scratch);
}

/**
 * Makes sure that the parts of a job are all of one space: the base model or the code may have been replaced since it started.
 * @throws PanelvecError output_conflict
 */
export async function assertPartsSpace({ work }: TrainingJobPaths, { id, space }: Model): Promise<void> {
  const manifest = await readManifest(work.partsManifest);
  if (manifest === undefined || manifest.space === space) return;
  const before = manifest.space ?? 'of an earlier version';
  const message = `the training was begun in the space ${before}, and ${id} now has ${space}: submit it again, it starts anew`;
  throw new PanelvecError('output_conflict', message, { param: 'model.base' });
}

/** A hash of the pages that are trained on and held out, with the states of their files; null where an earlier version began the job. */
export async function readDataFingerprint({ work }: TrainingJobPaths): Promise<string | null> {
  const { pages, files } = (await readManifest(work.partsManifest)) ?? {};
  if (pages === undefined || files === undefined) return null;
  return createHash('sha256').update(JSON.stringify({ pages, files })).digest('hex');
}

async function readManifest(file: string): Promise<Partial<PartsManifest> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

async function countPages(file: string): Promise<number> {
  await using part = await TrainingPartFile.open(file);
  return part.pages.length;
}
