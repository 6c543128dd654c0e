import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import type { Dataset } from '../../datasets/dataset-spec.ts';
import { type IndexReport, indexPages, type PageEntry } from '../../datasets/index-pages.ts';
import { PanelvecError } from '../../errors.ts';
import { AtomicWriteStream, writeFileAtomic } from '../../files/atomic-write.ts';
import type { TaskContext } from '../job-kind.ts';

/** Where an index is on disk. */
export interface PageIndexFiles {
  /** For files that are being written: only whole ones get their names */
  readonly scratch: string;
  /** Pages, a JSON line each */
  readonly pages: string;
  /** Bytes at which each part's lines begin, and where the last ends */
  readonly offsets: string;
  readonly skippedPages: string;
  readonly indexReport: string;
}

/** Pages in the order of the dataset, on disk: every worker reads the lines of its own part. */
export interface PageIndex {
  readonly pages: number;
  /** Of all lines: two indexes are the same exactly when theirs are */
  readonly sha256: string;
  readonly report: IndexReport;
  /** Puts the index in its place, over one that was there. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes the index of a dataset, and of what it leaves out. The bytes depend on the dataset and the choice alone.
 * @param isWanted whether a page that the dataset has is wanted; asked once for each, in their order
 */
export async function writePageIndex(
  files: PageIndexFiles,
  dataset: Dataset,
  pagesPerPart: number,
  { resources, signal, reportProgress }: TaskContext,
  isWanted: (page: PageEntry) => boolean = () => true,
): Promise<PageIndex> {
  const lines = await AtomicWriteStream.open(files.pages, files.scratch);
  const skipped = await AtomicWriteStream.open(files.skippedPages, files.scratch);
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

/** @throws PanelvecError dataset_invalid naming the field and why pages were left out, if none is left */
export function assertNotEmpty({ pages, report }: PageIndex, pageKind: string, param: string): void {
  if (pages > 0) return;
  const { skipped, kept, labels, manifest } = report;
  const reasons = Object.entries({ ...skipped, 'held out': kept }).filter(([, count]) => count > 0);
  const reasonText = reasons.map(([reason, count]) => `${count} ${reason}`).join(', ') || 'nothing skipped';
  const message = `no ${pageKind} is left of ${labels} labels and ${manifest.rows} manifest rows (${reasonText})`;
  throw new PanelvecError('dataset_invalid', message, { param });
}

/** Where each part's lines begin, and where the last ends, in bytes. */
interface PartTable {
  readonly pages: number;
  readonly offsets: readonly number[];
}

export async function readPartTable(files: PageIndexFiles): Promise<PartTable> {
  return JSON.parse(await readFile(files.offsets, 'utf8'));
}

/** The pages of one part, and the number of pages of all. */
export async function readPartPages(
  files: PageIndexFiles,
  part: number,
): Promise<{ readonly pages: number; readonly entries: readonly PageEntry[] }> {
  const { pages, offsets } = await readPartTable(files);
  const [start, end] = [offsets[part]!, offsets[part + 1]!];
  await using file = await open(files.pages);
  const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
  const lines = buffer.toString('utf8').trimEnd().split('\n');
  return { pages, entries: lines.map((line) => JSON.parse(line)) };
}
