import { readFile } from 'node:fs/promises';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import type { PageDescription, PlacedPanel } from './describe-page.ts';
import type { PageOutcome } from './page-report.ts';
import type { ReportPaths } from './report-paths.ts';

/** A record of another version may lack fields. Its part is done again. */
const VERSION = 2;

/** All about the pages of a part except their vectors. Kept on disk until the job is finished. */
interface PartRecord {
  readonly version: typeof VERSION;
  /** The job that made the part. Another job tries its unreadable pages again: the cause may be gone. */
  readonly jobId: string;
  readonly pages: readonly PageRecord[];
}

export interface PageRecord extends PageOutcome {
  readonly manifestId: string;
  /** null if the page has no panel file */
  readonly panelsId: string | null;
  readonly pageType: string;
  readonly image: Pick<PageEntry, 'imagePath' | 'imageMember'>;
  readonly placedPanels: readonly PlacedPanel[];
  readonly summary: string;
}

type PartPaths = Pick<ReportPaths, 'work'>;

/** Writes the record of a part, and returns it. */
export async function writePartRecord(
  paths: PartPaths,
  part: number,
  jobId: string,
  pages: readonly PageDescription[],
): Promise<PartRecord> {
  const record: PartRecord = { version: VERSION, jobId, pages: pages.map(toRecord) };
  await writeFileAtomic(paths.work.partRecord(part), JSON.stringify(record), paths.work.scratch);
  return record;
}

/** The record of a page. */
export function toRecord({ entry, panels, summary, problem, skipped, notes }: PageDescription): PageRecord {
  const { canonicalId: manifestId, labelId = manifestId, panelsPath, panelsRecord, imagePath, imageMember } = entry;
  const hasPanelFile = panelsPath !== null || panelsRecord !== undefined;
  return {
    // Whoever reads the result looks its pages up in the labels.
    id: labelId,
    manifestId,
    panelsId: hasPanelFile ? (entry.panelsId ?? manifestId) : null,
    pageType: entry.pageType,
    image: { imagePath, ...(imageMember !== undefined && { imageMember }) },
    panels: panels.length,
    placedPanels: panels,
    summary,
    problem,
    skipped,
    notes,
  };
}

/** Reads the record of a part, undefined if there is none of this version. */
export async function readPartRecord(paths: PartPaths, part: number): Promise<PartRecord | undefined> {
  try {
    const record: PartRecord = JSON.parse(await readFile(paths.work.partRecord(part), 'utf8'));
    return record.version === VERSION ? record : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
