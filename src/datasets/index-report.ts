import { MATCH_LEVELS, type MatchLevel } from './match-identifiers.ts';
import type { PageFilesReport } from './page-list/page-files-report.ts';

/** The reasons for which a labelled page is skipped. */
export const SKIP_REASONS = [
  /** The dataset does not want pages of this type */
  'page_type',
  /** The manifest has no such page */
  'no_image',
  /** There is no panel file */
  'no_panels',
  /** Its id matches more than one page of the manifest, or more than one panel file */
  'ambiguous',
  /** Labels or image paths contradict each other, or two pages match one panel file */
  'conflict',
  /** An earlier label says the same about the same page */
  'duplicate',
  /** The system cannot open a path like that of its image */
  'unsupported_path',
  /** A format of images that the dataset does not read */
  'unsupported_format',
  /** A file that is no ZIP archive, such as RAR or PDF */
  'unsupported_archive',
  /** An archive that is damaged, or encrypted */
  'bad_archive',
  /** An archive without images */
  'no_pages',
  /** Its image lies outside the data folders */
  'outside_data_roots',
  /** The type cannot be read */
  'unknown_type',
  /** The dataset's limit of pages is reached */
  'over_limit',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Reasons that have nothing to do with the type of a page, which may be unknown. */
export const REASONS_WITHOUT_TYPE: ReadonlySet<SkipReason> = new Set([
  'conflict',
  'unknown_type',
  'unsupported_path',
  'unsupported_format',
  'unsupported_archive',
  'bad_archive',
  'no_pages',
  'outside_data_roots',
]);

export interface SkippedPage {
  /** The id as the labels write it, or the book of a range of pages */
  readonly id: string;
  readonly reason: SkipReason;
  readonly detail?: string;
  /** The number of pages, if the entry stands for several */
  readonly pages?: number;
}

export const EXAMPLES_PER_REASON = 20;

/** Panel files that are about many pages. */
export interface ManyPageFilesReport {
  readonly files: number;
  /** Pages that name their image */
  readonly pages: number;
  /** Those that are pages of the dataset */
  readonly matched: number;
  /** The first files and parts of files that could not be read: pages that name no image, values that others replace */
  readonly unread: readonly { readonly file: string; readonly problem: string }[];
}

/** A report as plain JSON. Each label is either kept or skipped for one reason: labels = kept + sum of skipped. */
export interface IndexReport {
  /** Labels of pages, repeated ones included */
  readonly labels: number;
  /** What folders and archives of pages have besides pages; null with a manifest */
  readonly files: PageFilesReport | null;
  /** The pages that the manifest, or the folder of pages, has */
  readonly manifest: {
    readonly rows: number;
    /** Distinct ids */
    readonly pages: number;
    /** Rows that repeat an earlier one */
    readonly repeated: number;
    /** Pages with more than one image path */
    readonly conflicts: number;
    readonly withoutId: number;
    /** Pages without a label */
    readonly unlabelled: number;
  };
  readonly panels: {
    readonly files: number;
    /** Links that are not panel files; they are not followed */
    readonly links: number;
  };
  readonly manyPageFiles: ManyPageFilesReport;
  readonly kept: number;
  /** How many ids matched only after they were normalised, or only by their last segments */
  readonly bridged: {
    readonly labels: Readonly<Record<MatchLevel, number>>;
    readonly panels: Readonly<Record<MatchLevel, number>>;
  };
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** The first skipped pages of each reason */
  readonly examples: Readonly<Record<SkipReason, readonly SkippedPage[]>>;
}

export function zeroMatchCounts(): Record<MatchLevel, number> {
  return recordOf(MATCH_LEVELS, () => 0);
}

/** Counts skipped pages by reason, and keeps the first examples of each. */
export class SkipCounter {
  readonly skipped = recordOf(SKIP_REASONS, () => 0);
  readonly examples = recordOf(SKIP_REASONS, (): SkippedPage[] => []);

  add(entry: SkippedPage): void {
    this.skipped[entry.reason] += entry.pages ?? 1;
    const examples = this.examples[entry.reason];
    if (examples.length < EXAMPLES_PER_REASON) examples.push(entry);
  }
}

function recordOf<K extends string, V>(keys: readonly K[], initialValue: () => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, initialValue()])) as Record<K, V>;
}
