/**
 * The result of an evaluation, as `evaluation.json` holds it. Fields are in snake case because the file is for users.
 * Every measure is either there, with its interval, or left out, with the reason.
 */
export interface EvaluationResult {
  readonly format: 1;
  readonly created_at: string;
  /**
   * Of the pages, the states of their files and the settings that measures depend on, but not of the contenders: measures of
   * evaluations with an equal one compare. Results of earlier versions lack it.
   */
  readonly fingerprint?: string;
  readonly dataset: DatasetFacts;
  readonly split: SplitFacts;
  /** The panels that were measured */
  readonly panels: readonly PanelFacts[];
  readonly contenders: readonly ContenderResult[];
  readonly comparisons: readonly Comparison[];
  readonly claims: readonly Claim[];
  /** Whether the first version shows its known failures; empty if it was not measured */
  readonly first_version_failures: readonly FailureCheck[];
  /** What a reader must know, in plain sentences */
  readonly notes: readonly string[];
}

export interface DatasetFacts {
  readonly books: number;
  readonly pages: number;
  readonly panels: number;
  readonly panels_with_lettering: number;
  readonly panels_with_description: number;
  /** Panels whose picture is nearly the same as that of an earlier panel; retrieval leaves them out as wrong answers */
  readonly near_duplicates: number;
  readonly bad_pages: number;
}

export interface PanelFacts {
  readonly id: string;
  readonly book: string;
  readonly page: string;
  /** null if the dataset has no labels */
  readonly page_type: string | null;
}

export interface SplitFacts {
  /** `folds`: every book is held out once; `held_out`: some books are; `none`: all pages are measured, and nothing is trained */
  readonly kind: 'folds' | 'held_out' | 'none';
  readonly folds: readonly {
    readonly test_books: readonly string[];
    readonly test_panels: number;
    readonly training_panels: number;
  }[];
}

/** `model`: a model as it is; `training`: a recipe trained on each fold; the others are baselines. */
export const CONTENDER_KINDS = ['model', 'training', 'v1', 'reference', 'raw'] as const;
export type ContenderKind = (typeof CONTENDER_KINDS)[number];

/** Ways to look at a panel. A view is a vector of each panel that has what the view needs. */
export const VIEWS = [
  /** Picture, lettering and composition: what a pipeline with OCR stores */
  'stored',
  /** Picture, description with lettering, and composition: what a pipeline with a vision-language model stores */
  'stored_described',
  'picture',
  'lettering',
  /** The description alone: words that a person would search with */
  'description',
  'composition',
  /** Picture and composition without text */
  'picture_composition',
  /** The picture alone, changed: cut tighter, 160 pixels wide, JPEG of quality 40 */
  'snapshot',
  'flipped',
  'grey',
] as const;
export type View = (typeof VIEWS)[number];

/** The views that are clustered, and checked for layout and collapse. */
export const CHECKED_VIEWS = ['stored', 'picture'] as const satisfies readonly View[];
export type CheckedView = (typeof CHECKED_VIEWS)[number];

/** What clusters are compared with. */
export const CLASS_KINDS = ['book', 'page', 'page_type'] as const;
export type ClassKind = (typeof CLASS_KINDS)[number];

/** Retrieval tasks: queries of one view search among the panels of another. */
export const RETRIEVAL_TASKS = {
  snapshot_to_stored: { query: 'snapshot', target: 'stored' },
  flipped_to_stored: { query: 'flipped', target: 'stored' },
  grey_to_stored: { query: 'grey', target: 'stored' },
  snapshot_to_picture: { query: 'snapshot', target: 'picture' },
  picture_to_stored: { query: 'picture', target: 'stored' },
  lettering_to_stored: { query: 'lettering', target: 'stored' },
  description_to_stored: { query: 'description', target: 'stored' },
  words_to_pictures: { query: 'description', target: 'picture' },
  pictures_to_words: { query: 'picture', target: 'description' },
} as const satisfies Record<string, { readonly query: View; readonly target: View }>;
export type RetrievalTask = keyof typeof RETRIEVAL_TASKS;

/** A number with its bootstrap interval of 95 % over `count` queries or panels of all folds. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** What the bootstrap draws: whole books where there are enough of them, else single panels */
  readonly resampled: ResampledUnit;
}
export type ResampledUnit = 'books' | 'panels';

/** A measure that was left out, and why */
export interface LeftOut {
  readonly left_out: string;
}
export type Measure = Estimate | LeftOut;

export interface RetrievalMeasures {
  readonly recall_at_1: Measure;
  readonly recall_at_5: Measure;
  readonly recall_at_10: Measure;
  readonly mrr: Measure;
  /** Of the right panel, from 1 */
  readonly median_rank: Measure;
  /** recall_at_5 of a random order */
  readonly chance_recall_at_5: number;
  /** The expected rank of the right panel for each query, in the order of `query_panels`; equals of the right panel count half */
  readonly ranks: readonly number[];
  readonly query_panels: readonly string[];
}

export interface ContenderResult {
  readonly name: string;
  readonly kind: ContenderKind;
  readonly description: string;
  readonly space: string | null;
  readonly dimensions: number;
  readonly retrieval: Readonly<Record<RetrievalTask, RetrievalMeasures | LeftOut>>;
  readonly neighbours: NeighbourMeasures | LeftOut;
  /** k-means of `stored` and of `picture` vectors */
  readonly clustering: Readonly<Record<CheckedView, readonly ClusteringMeasures[] | LeftOut>>;
  /** The check of the original's tool: cosines within and between pages */
  readonly collapse: Readonly<Record<CheckedView, CollapseMeasures | LeftOut>>;
  /** R2 of ridge regressions, cross-validated by book, from the vector to the layout */
  readonly leakage: Readonly<Record<CheckedView, LeakageMeasures | LeftOut>>;
  /** Mean cosine of the vector of some modalities to the stored vector */
  readonly ablation: Readonly<Partial<Record<View, Measure>>>;
  /** Mean gate weights (vision, text, composition) by the modalities that are there, as `vision+text+composition`; null without a gate */
  readonly gate: Readonly<Record<string, readonly [number, number, number]>> | null;
  /** Neighbour sheets: queries with what they find, best, worst and random ones, by panel ids */
  readonly sheets: readonly NeighbourSheet[];
  /** 2-D map of the stored vectors, in the order of `panels` */
  readonly map: {
    readonly panels: readonly string[];
    readonly x: readonly number[];
    readonly y: readonly number[];
  } | null;
}

/** Of `stored` vectors: where the nearest other panel is, near-duplicates left out. */
export interface NeighbourMeasures {
  /** Among panels whose page has others */
  readonly same_page: Measure;
  readonly same_book: Measure;
  /** The nearest panel of all other pages is of the same book */
  readonly same_book_other_page: Measure;
  /** The same shares for a panel that is drawn at random */
  readonly chance: Readonly<Record<'same_page' | 'same_book' | 'same_book_other_page', number>>;
}

export interface ClusteringMeasures {
  /** Clusters; with one for each book, the mean over the folds */
  readonly k: number;
  readonly choice: 'ten' | 'books';
  /** Of Euclidean distances between vectors of unit length */
  readonly silhouette: Measure;
  readonly nmi: Readonly<Record<ClassKind, Measure>>;
  readonly ari: Readonly<Record<ClassKind, Measure>>;
}

export interface CollapseMeasures {
  readonly within_page: Measure;
  readonly between_pages: Measure;
  /** Mean cosine of any two panels */
  readonly all_pairs: Measure;
  /** Share of pictures alone whose own text alone is the nearest among the texts of the page */
  readonly alignment: Measure;
  /** null if `within_page` is left out */
  readonly verdict: CollapseVerdict | null;
}

/**
 * By the thresholds of the original's tool. `collapsed`: panels of a page have a mean cosine over 0.90; `similar`: over 0.80;
 * `weakly_aligned`: not similar, but the alignment is below 0.30; `healthy`: none of these.
 */
export type CollapseVerdict = 'collapsed' | 'similar' | 'weakly_aligned' | 'healthy';

export interface LeakageMeasures {
  readonly aspect: Measure;
  readonly area: Measure;
  readonly panel_count: Measure;
}

export interface NeighbourSheet {
  readonly task: RetrievalTask;
  readonly choice: 'best' | 'worst' | 'random';
  readonly query: string;
  readonly query_text: string | null;
  /** Of the right panel, from 1 */
  readonly rank: number;
  /** The nearest panels, nearest first, with their cosines to the query */
  readonly found: readonly { readonly panel: string; readonly cosine: number }[];
}

/** A contender against another in one measure, panel by panel. */
export interface Comparison {
  readonly measure: string;
  readonly contender: string;
  readonly baseline: string;
  readonly difference: Estimate;
  /** The difference as a share of the baseline's value; null unless that is positive */
  readonly relative: number | null;
  /** Exact two-sided sign test over panels that differ; null for measures that are not a mean over panels, such as NMI */
  readonly sign_test: { readonly better: number; readonly worse: number; readonly p: number } | null;
}

/** A claim of the mission beside what was measured. */
export interface Claim {
  readonly claim: string;
  readonly measure: string;
  readonly contender: string;
  readonly baseline: string;
  readonly claimed: number;
  readonly measured: number | null;
  readonly left_out: string | null;
}

/** A failure that the first version is known for, and whether it was seen here. */
export interface FailureCheck {
  readonly failure: 'pictures_alike' | 'layout_clusters';
  /** null if it could not be measured */
  readonly is_shown: boolean | null;
  /** What was measured, as a sentence */
  readonly statement: string;
}
