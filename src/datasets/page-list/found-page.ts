import { firstLine } from '../../errors.ts';
import type { SkippedPage } from '../index-report.ts';
import { COMIC_INFO_NAME, parseComicInfo } from './comic-info.ts';
import type { PageFileCounter } from './page-files-report.ts';
import type { PageImage } from './page-list.ts';

/** An image among the files of a dataset, in the order of its book. */
export interface FoundPage {
  readonly id: string;
  /** Its path below the folder of pages, for messages */
  readonly file: string;
  /** Why it is left out if it cannot be read */
  readonly image: PageImage | Omit<SkippedPage, 'id'>;
  /** null while nothing gives it a type */
  type: string | null;
}

/** A file that should have had pages. */
export interface FoundProblem extends SkippedPage {
  readonly image?: undefined;
}

export type Found = FoundPage | FoundProblem;

export function isFoundPage(found: Found): found is FoundPage {
  return found.image !== undefined;
}

export function isComicInfo(name: string): boolean {
  return name.toLowerCase() === COMIC_INFO_NAME;
}

/**
 * Gives the pages of a book the types of its ComicInfo.xml, except where one of a part of the book has given a type.
 * @param pages all images of the book in their order, which is that of the numbers in the file
 * @param file the path of the ComicInfo.xml, for notes
 */
export function applyComicInfo(
  bytes: Uint8Array,
  pages: readonly FoundPage[],
  file: string,
  counter: PageFileCounter,
): void {
  let info: ReturnType<typeof parseComicInfo>;
  try {
    info = parseComicInfo(bytes);
  } catch (error) {
    counter.note('comic_info_unreadable', file, firstLine(error));
    return;
  }
  if (info.isRightToLeft) counter.note('right_to_left', file, 'dataset.panels.reading_order can be rtl');
  const lastIndex = [...info.types.keys()].reduce((last, index) => Math.max(last, index), -1);
  if (lastIndex >= pages.length) {
    counter.note('comic_info_of_other_pages', file, `it names page ${lastIndex} of ${pages.length}, counted from 0`);
    return;
  }
  for (const [index, page] of pages.entries()) page.type ??= info.types.get(index) ?? null;
}
