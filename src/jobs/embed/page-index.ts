import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import type { Dataset } from '../../datasets/dataset-spec.ts';
import { type IndexReport, indexPages, type PageEntry } from '../../datasets/index-pages.ts';
import { writeWhole } from '../../formats/whole-file.ts';
import { WholeStream } from '../../formats/whole-stream.ts';
import { PAGES_PER_CHUNK } from '../../zarr/store-shape.ts';
import type { TaskContext } from '../job-kind.ts';
import type { StoreFolder } from './store-folder.ts';

/** Pages in the order of the store, on disk: every worker reads the lines of its own chunk. */
export interface PageIndex {
  readonly pages: number;
  /** Of all lines: two indexes are the same exactly when theirs are */
  readonly sha256: string;
  readonly report: IndexReport;
  /** Puts the index in its place, over one that was there. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** Writes the index of a dataset, and of what it leaves out. The bytes depend on the dataset alone. */
export async function writePageIndex(
  { work }: StoreFolder,
  dataset: Dataset,
  { resources, signal, progress }: TaskContext,
): Promise<PageIndex> {
  const lines = await WholeStream.open(work.pages, work.scratch);
  const skipped = await WholeStream.open(work.skippedPages, work.scratch);
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
      onProgress: (done) => progress(done),
      onPage: (page) => {
        const line = `${JSON.stringify(page)}\n`;
        hash.update(line);
        bytes += Buffer.byteLength(line);
        if (++pages % PAGES_PER_CHUNK === 0) offsets.push(bytes);
        return lines.write(line);
      },
      onSkipped: (page) => skipped.write(`${JSON.stringify(page)}\n`),
    });
    if (pages % PAGES_PER_CHUNK !== 0) offsets.push(bytes);
    const keep = async () => {
      await lines.finish();
      await skipped.finish();
      const table = { pages, offsets } satisfies ChunkTable;
      await writeWhole(work.offsets, Buffer.from(JSON.stringify(table)), work.scratch);
      await writeWhole(work.indexReport, Buffer.from(JSON.stringify(report)), work.scratch);
    };
    return { pages, sha256: hash.digest('hex'), report, keep, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Where each chunk's lines begin, and where the last ends, in bytes. */
interface ChunkTable {
  readonly pages: number;
  readonly offsets: readonly number[];
}

export async function readChunkTable({ work }: StoreFolder): Promise<ChunkTable> {
  return JSON.parse(await readFile(work.offsets, 'utf8'));
}

/** The pages of one chunk, and the number of pages of all. */
export async function readChunkPages(
  place: StoreFolder,
  chunk: number,
): Promise<{ readonly pages: number; readonly entries: readonly PageEntry[] }> {
  const { pages, offsets } = await readChunkTable(place);
  const [begin, end] = [offsets[chunk]!, offsets[chunk + 1]!];
  await using file = await open(place.work.pages);
  const { buffer } = await file.read(Buffer.alloc(end - begin), 0, end - begin, begin);
  const lines = buffer.toString('utf8').trimEnd().split('\n');
  return { pages, entries: lines.map((line) => JSON.parse(line)) };
}
