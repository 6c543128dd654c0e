import { readFile } from 'node:fs/promises';
import { writeWhole } from '../../formats/whole-file.ts';
import type { EmbeddedPage } from './embed-page.ts';
import type { StoreFolder } from './store-folder.ts';

/** What is known of the pages of a part beside their vectors, until the store is finished. */
export interface PartRecord {
  /** That made it: what one job could not read, another tries again, for the cause may be gone */
  readonly jobId: string;
  readonly pages: readonly PageRecord[];
}

export interface PageRecord {
  readonly id: string;
  readonly panels: number;
  readonly summary: string;
  readonly problem: EmbeddedPage['problem'];
  readonly skipped: EmbeddedPage['skipped'];
  readonly notes: EmbeddedPage['notes'];
}

export async function writePartRecord(
  place: StoreFolder,
  part: number,
  jobId: string,
  pages: readonly EmbeddedPage[],
): Promise<void> {
  const record: PartRecord = {
    jobId,
    pages: pages.map(({ canonicalId, vectors, ...rest }) => ({
      id: canonicalId,
      panels: vectors.length,
      ...rest,
    })),
  };
  await writeWhole(place.work.part(part), Buffer.from(JSON.stringify(record)), place.work.scratch);
}

export async function readPartRecord(place: StoreFolder, part: number): Promise<PartRecord | undefined> {
  try {
    return JSON.parse(await readFile(place.work.part(part), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
