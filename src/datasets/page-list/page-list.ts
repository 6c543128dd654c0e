import type { ProgressOptions } from '../index-progress.ts';
import type { SkippedPage } from '../index-report.ts';

/** Where the image of a page is: an absolute path. The file is not opened yet. */
export interface PageImage {
  readonly path: string;
}

/** The image of a page, or why it has none that can be read. */
export type PageImageResult = PageImage | Omit<SkippedPage, 'id' | 'pages'>;

export interface PageListOptions extends ProgressOptions {
  /** Files are only read under one of these folders */
  readonly dataRoots?: readonly string[] | undefined;
}

/** The pages of a dataset, in their order. The row of a page is its index in `ids`. */
export interface PageList {
  /** What messages call it */
  readonly name: string;
  readonly ids: readonly string[];
  readonly rowById: ReadonlyMap<string, number>;
  imageAt(row: number): PageImageResult;
  readonly counts: PageListCounts;
}

export interface PageListCounts {
  readonly rows: number;
  /** Distinct ids */
  readonly pages: number;
  /** Rows that repeat an earlier one */
  readonly repeated: number;
  /** Pages with more than one image */
  readonly conflicts: number;
  readonly withoutId: number;
}
