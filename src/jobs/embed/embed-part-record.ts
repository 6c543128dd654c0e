import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import type { StorePage } from './embed-page.ts';
import type { StorePaths } from './store-paths.ts';

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
  readonly problem: StorePage['problem'];
  readonly skipped: StorePage['skipped'];
  readonly notes: StorePage['notes'];
}

export async function writePartRecord(
  paths: StorePaths,
  part: number,
  jobId: string,
  pages: readonly StorePage[],
): Promise<void> {
  const record: PartRecord = {
    jobId,
    pages: pages.map(({ canonicalId, vectors, ...rest }) => ({
      id: canonicalId,
      panels: vectors.length,
      ...rest,
    })),
  };
  await writeFileAtomic(paths.work.partRecord(part), JSON.stringify(record), paths.work.scratch);
}

export async function readPartRecord(paths: StorePaths, part: number): Promise<PartRecord | undefined> {
  try {
    return JSON.parse(await readFile(paths.work.partRecord(part), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
