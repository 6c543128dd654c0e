import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import type { Dataset } from '../../datasets/dataset-spec.ts';
import { type IndexReport, indexPages, type PageEntry } from '../../datasets/index-pages.ts';
import { AtomicWriteStream, writeFileAtomic } from '../../files/atomic-write.ts';
import { elementAt } from '../../util/arrays.ts';
import type { TaskContext } from '../job-kind.ts';

/** The files of an index. */
export interface PageIndexFiles {
  /** The folder for temporary files */
  readonly scratch: string;
  /** The pages, a JSON line each */
  readonly pages: string;
  /** The table of parts, as JSON */
  readonly offsets: string;
  readonly skippedPages: string;
  readonly indexReport: string;
}

/** The pages of a dataset in its order, on disk. Every worker reads only the lines of its part. */
export interface PageIndex {
  readonly pages: number;
  /** The hash of all lines, which tells whether two indexes are equal */
  readonly sha256: string;
  readonly report: IndexReport;
  /** Puts the index in place of an earlier one. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes the index of a dataset, and a list of the pages that it skips. The bytes depend only on the dataset and `isWanted`.
 * @param isWanted whether the index takes a page; called once for each page of the dataset, in their order
 */
export async function writePageIndex(
  files: PageIndexFiles,
  dataset: Dataset,
  pagesPerPart: number,
  { resources, signal, reportProgress }: TaskContext,
  isWanted: (page: PageEntry) => boolean = () => true,
): Promise<PageIndex> {
  const lines = await AtomicWriteStream.open(files.pages, files.scratch);
  const skipped = await AtomicWriteStream.open(files.skippedPages, files.scratch).catch(async (error: unknown) => {
    await lines.discard();
    throw error;
  });
  const hash = createHash('sha256');
  const offsets = [0];
  let [pages, bytes] = [0, 0];
  const discard = async () => {
    await lines.discard();
    await skipped.discard();
  };
  try {
    const report = await indexPages(dataset, {
      dataRoots: resources.dataRoots,
      signal,
      onProgress: (done) => reportProgress(done),
      onPage: (page) => {
        if (!isWanted(page)) return;
        const line = `${JSON.stringify(page)}\n`;
        hash.update(line);
        bytes += Buffer.byteLength(line);
        if (++pages % pagesPerPart === 0) offsets.push(bytes);
        return lines.write(line);
      },
      onSkipped: (page) => skipped.write(`${JSON.stringify(page)}\n`),
    });
    if (pages % pagesPerPart !== 0) offsets.push(bytes);
    const commit = async () => {
      await lines.commit();
      await skipped.commit();
      const table = { pages, offsets } satisfies PartTable;
      await writeFileAtomic(files.offsets, JSON.stringify(table), files.scratch);
      await writeFileAtomic(files.indexReport, JSON.stringify(report), files.scratch);
    };
    return { pages, sha256: hash.digest('hex'), report, commit, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

interface PartTable {
  readonly pages: number;
  /** The byte at which each part's lines begin, then the end of the last */
  readonly offsets: readonly number[];
}

/** Reads the number of all pages and the offsets of the parts. */
export async function readPartTable(files: PageIndexFiles): Promise<PartTable> {
  return JSON.parse(await readFile(files.offsets, 'utf8'));
}

/** Reads the pages of one part, and the number of all pages. */
export async function readPartPages(
  files: PageIndexFiles,
  part: number,
): Promise<{ readonly pages: number; readonly entries: readonly PageEntry[] }> {
  const { pages, offsets } = await readPartTable(files);
  const [start, end] = [elementAt(offsets, part), elementAt(offsets, part + 1)];
  await using file = await open(files.pages);
  const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
  const lines = buffer.toString('utf8').trimEnd().split('\n');
  return { pages, entries: lines.map((line) => JSON.parse(line)) };
}
