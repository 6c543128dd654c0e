import type { ArchiveMember } from '../archives/zip-members.ts';
import type { ProgressOptions } from '../index-progress.ts';
import type { SkippedPage } from '../index-report.ts';
import type { PageFilesReport } from './page-files-report.ts';

/** Where the image of a page is. */
export interface PageImage {
  /** The absolute path of the image, or of the archive that holds it. An image is not opened yet. */
  readonly path: string;
  readonly member?: ArchiveMember;
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
  /** The type of a page, where its book gives it one */
  typeAt(row: number): string | null;
  /** Files that should have had pages, or are pages that cannot be read */
  readonly problems: readonly SkippedPage[];
  /** What was found besides; null for a manifest */
  readonly files: PageFilesReport | null;
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
