import { stat } from 'node:fs/promises';
import path from 'node:path';
import { elementAt } from '../../util/arrays.ts';
import { ArchiveError } from '../archives/archive-error.ts';
import { describeUnsupported, mayBeZip, unsupportedContainer } from '../archives/archive-kinds.ts';
import { datasetError, toReadError } from '../dataset-file.ts';
import type { Dataset } from '../dataset-spec.ts';
import type { SkippedPage } from '../index-report.ts';
import { type Found, type FoundPage, isFoundPage } from './found-page.ts';
import { extensionOf } from './page-file-names.ts';
import { PageFileCounter, type PageFilesReport } from './page-files-report.ts';
import type { PageImage, PageImageResult, PageList, PageListCounts, PageListOptions } from './page-list.ts';
import { PageFileScanner } from './scan-page-files.ts';

/**
 * Lists the pages in a folder of images or CBZ files, or in one CBZ file, in natural order. Their ids are their paths without
 * the extensions of images and archives.
 * @throws PanelvecError naming the file or folder that cannot be read; the signal's reason
 */
export async function readPageFiles(
  root: string,
  dataset: Pick<Dataset, 'encoding' | 'images'>,
  options: PageListOptions = {},
): Promise<PageList> {
  const counter = new PageFileCounter();
  try {
    const isFolder = (await stat(root)).isDirectory();
    const scanner = new PageFileScanner(isFolder ? root : path.dirname(root), dataset, counter, options);
    const found = isFolder ? await scanner.scanFolder() : await scanOneArchive(scanner, root);
    return new PageFiles(found, counter.report);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof ArchiveError ? datasetError(root, error.message, error) : toReadError(root, error);
  }
}

async function scanOneArchive(scanner: PageFileScanner, file: string): Promise<Found[]> {
  const extension = extensionOf(file);
  if (mayBeZip(extension)) return scanner.scanArchive(path.basename(file));
  const container = unsupportedContainer(extension);
  throw datasetError(
    file,
    container === undefined ? 'expected a folder or a CBZ file' : describeUnsupported(container),
  );
}

class PageFiles implements PageList {
  readonly name = 'the folder of pages';
  readonly ids: string[] = [];
  readonly rowById = new Map<string, number>();
  readonly problems: SkippedPage[] = [];
  readonly files: PageFilesReport;
  readonly #images: PageImage[] = [];
  readonly #types: (string | null)[] = [];
  /** The files of rows whose id several files give */
  readonly #conflicts = new Map<number, Set<string>>();
  #rows = 0;

  constructor(found: readonly Found[], files: PageFilesReport) {
    this.files = files;
    const firstPages = new Map<string, { readonly row: number; readonly file: string }>();
    for (const item of found) {
      if (!isFoundPage(item)) this.problems.push(item);
      else if ('reason' in item.image) this.problems.push({ id: item.id, ...item.image });
      else this.#add(item, item.image, firstPages);
    }
  }

  get counts(): PageListCounts {
    return { rows: this.#rows, pages: this.ids.length, repeated: 0, conflicts: this.#conflicts.size, withoutId: 0 };
  }

  imageAt(row: number): PageImageResult {
    const files = this.#conflicts.get(row);
    if (files === undefined) return elementAt(this.#images, row);
    const detail =
      files.size === 1 ? `${[...files]} is in its archive twice` : `one id for ${[...files].join(' and ')}`;
    return { reason: 'conflict', detail };
  }

  typeAt(row: number): string | null {
    return this.#types[row] ?? null;
  }

  #add(
    { id, file, type }: FoundPage,
    image: PageImage,
    firstPages: Map<string, { readonly row: number; readonly file: string }>,
  ): void {
    this.#rows++;
    // Not every file system tells cases apart, so that the same book could give other pages elsewhere.
    const key = id.toLowerCase();
    const first = firstPages.get(key);
    const known = this.rowById.get(id);
    const row = known ?? this.ids.length;
    if (known === undefined) {
      this.rowById.set(id, row);
      this.ids.push(id);
      this.#images.push(image);
      this.#types.push(type);
    }
    if (first === undefined) firstPages.set(key, { row, file });
    else {
      const files = this.#conflicts.get(first.row) ?? new Set([first.file]);
      files.add(file);
      this.#conflicts.set(first.row, files).set(row, files);
    }
  }
}
