import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import type { PageOutcome } from '../pages/page-report.ts';
import type { PageDescription, PlacedPanel } from './describe-page.ts';
import type { StorePaths } from './store-paths.ts';

/** All about the pages of a part except their vectors. Kept on disk until the store is finished. */
export interface PartRecord {
  /** The job that made the part. Another job tries its unreadable pages again: the cause may be gone. */
  readonly jobId: string;
  readonly pages: readonly PageRecord[];
}

export interface PageRecord extends PageOutcome {
  readonly manifestId: string;
  /** null if the page has no panel file */
  readonly panelsId: string | null;
  readonly placedPanels: readonly PlacedPanel[];
  readonly summary: string;
}

/** Writes the record of a part. */
export async function writePartRecord(
  paths: StorePaths,
  part: number,
  jobId: string,
  pages: readonly PageDescription[],
): Promise<void> {
  const record: PartRecord = { jobId, pages: pages.map(toRecord) };
  await writeFileAtomic(paths.work.partRecord(part), JSON.stringify(record), paths.work.scratch);
}

/** The record of a page. */
export function toRecord({ entry, panels, summary, problem, skipped, notes }: PageDescription): PageRecord {
  const { canonicalId: manifestId, labelId = manifestId, panelsPath, panelsRecord } = entry;
  const hasPanelFile = panelsPath !== null || panelsRecord !== undefined;
  return {
    // Whoever reads the store looks its pages up in the labels.
    id: labelId,
    manifestId,
    panelsId: hasPanelFile ? (entry.panelsId ?? manifestId) : null,
    panels: panels.length,
    placedPanels: panels,
    summary,
    problem,
    skipped,
    notes,
  };
}

/** Reads the record of a part, undefined if there is none. */
export async function readPartRecord(paths: StorePaths, part: number): Promise<PartRecord | undefined> {
  try {
    return JSON.parse(await readFile(paths.work.partRecord(part), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
