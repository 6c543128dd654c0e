import { MATCH_LEVELS, type MatchLevel } from './match-identifiers.ts';

/** Why a label leads to no page of the index. */
export const SKIP_REASONS = [
  /** Not a type that the dataset wants */
  'page_type',
  /** The manifest has no such page */
  'no_image',
  /** There is no file of its panels */
  'no_panels',
  /** Its id could mean more than one page of the manifest, or file of panels */
  'ambiguous',
  /** Labels, image paths or claims to a file of panels contradict each other */
  'conflict',
  /** A label before it says the same of the same page */
  'duplicate',
  /** Its image lies outside the folders that may be read */
  'outside_data_roots',
  /** The label says no type that could be read */
  'unknown_type',
  /** Behind the dataset's limit */
  'over_limit',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface SkippedPage {
  /** As the labels write it; of ranges, book/number or the book */
  readonly id: string;
  readonly reason: SkipReason;
  readonly detail?: string;
  /** Where the entry stands for more pages than one */
  readonly pages?: number;
}

export const EXAMPLES_PER_REASON = 20;

/** Plain JSON. Of the labels, each is either of a page that is kept or skipped for one reason: the counts add up. */
export interface IndexReport {
  /** Pages that the labels speak of, as often as they do */
  readonly labels: number;
  readonly manifest: {
    readonly rows: number;
    /** Different ids */
    readonly pages: number;
    /** Rows that repeat another one */
    readonly repeated: number;
    /** Pages with more than one image path */
    readonly conflicts: number;
    readonly withoutId: number;
    /** Pages that no label speaks of */
    readonly unlabelled: number;
  };
  readonly panels: {
    readonly files: number;
    /** Links to folders and to nothing known: not followed */
    readonly links: number;
  };
  readonly kept: number;
  /** How many ids led somewhere only when they were normalised, or by their last segments */
  readonly bridged: {
    readonly labels: Readonly<Record<MatchLevel, number>>;
    readonly panels: Readonly<Record<MatchLevel, number>>;
  };
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** The first of each reason */
  readonly examples: Readonly<Record<SkipReason, readonly SkippedPage[]>>;
}

export function zeroMatchCounts(): Record<MatchLevel, number> {
  return Object.fromEntries(MATCH_LEVELS.map((level) => [level, 0])) as Record<MatchLevel, number>;
}

/** Counts what is skipped, and keeps the first examples. */
export class SkipCounter {
  readonly skipped = Object.fromEntries(SKIP_REASONS.map((reason) => [reason, 0])) as Record<SkipReason, number>;
  readonly examples = Object.fromEntries(SKIP_REASONS.map((reason) => [reason, []])) as unknown as Record<
    SkipReason,
    SkippedPage[]
  >;

  add(entry: SkippedPage): void {
    this.skipped[entry.reason] += entry.pages ?? 1;
    const examples = this.examples[entry.reason];
    if (examples.length < EXAMPLES_PER_REASON) examples.push(entry);
  }
}
