import { constants, type Dirent } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { firstLine } from '../../errors.ts';
import { isFileError } from '../../files/file-error.ts';
import { isInside } from '../../files/is-inside.ts';
import { compareNaturally } from '../../util/natural-order.ts';
import { ArchiveError } from '../archives/archive-error.ts';
import { describeUnsupported, isZipExtension, mayBeZip, unsupportedContainer } from '../archives/archive-kinds.ts';
import { toReadError } from '../dataset-file.ts';
import type { Dataset } from '../dataset-spec.ts';
import { findArchivePages } from './archive-pages.ts';
import { MAX_COMIC_INFO_BYTES } from './comic-info.ts';
import { applyComicInfo, type Found, type FoundPage, isComicInfo, isFoundPage } from './found-page.ts';
import { extensionOf, isHiddenName, isPageExtension, stemOf } from './page-file-names.ts';
import type { PageFileCounter } from './page-files-report.ts';
import type { PageListOptions } from './page-list.ts';

/** Most time is spent waiting for the system. */
const MAX_OPEN_FILES = 8;
/** What the system gives for bytes that are not UTF-8. The file cannot be opened by such a name. */
const REPLACEMENT = '\ufffd';

/** Finds the pages in folders and archives, in natural order. */
export class PageFileScanner {
  readonly #root: string;
  readonly #dataset: Pick<Dataset, 'encoding' | 'images'>;
  readonly #counter: PageFileCounter;
  readonly #options: PageListOptions;
  readonly #limit = pLimit(MAX_OPEN_FILES);
  #found = 0;

  /** @param root the folder that files and ids are relative to */
  constructor(
    root: string,
    dataset: Pick<Dataset, 'encoding' | 'images'>,
    counter: PageFileCounter,
    options: PageListOptions,
  ) {
    this.#root = root;
    this.#dataset = dataset;
    this.#counter = counter;
    this.#options = options;
  }

  /** @throws PanelvecError naming the folder that cannot be read; the signal's reason */
  async scanFolder(prefix = ''): Promise<Found[]> {
    this.#options.signal?.throwIfAborted();
    const folder = path.join(this.#root, prefix);
    const entries = await this.#limit(() => readdir(folder, { withFileTypes: true })).catch((error: unknown) => {
      throw toReadError(folder, error);
    });
    entries.sort((a, b) => compareNaturally(stemOf(a.name), stemOf(b.name)) || compareNaturally(a.name, b.name));
    const found = (await Promise.all(entries.map((entry) => this.#visit(entry, prefix)))).flat();
    const comicInfo = entries.find(({ name }) => isComicInfo(name));
    if (comicInfo !== undefined) await this.#readComicInfo(prefix + comicInfo.name, found);
    return found;
  }

  /** @throws ArchiveError, and the system's errors */
  async scanArchive(file: string): Promise<Found[]> {
    this.#options.signal?.throwIfAborted();
    // A pipe would block.
    await using handle = await open(path.join(this.#root, file), constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile()) throw new ArchiveError('bad_archive', 'it is no file');
    this.#counter.archives++;
    const place = { handle, path: path.join(this.#root, file), file, id: stemOf(file) };
    const found = await findArchivePages(place, this.#dataset, this.#counter);
    if (!isZipExtension(extensionOf(file))) this.#counter.note('zip_of_another_name', file);
    this.#reportFound(found.filter(isFoundPage).length);
    return found;
  }

  async #visit(entry: Dirent, prefix: string): Promise<readonly Found[]> {
    const { name } = entry;
    const file = prefix + name;
    const extension = extensionOf(name);
    const page = isPageExtension(extension, this.#dataset.images.formats);
    const container = unsupportedContainer(extension);
    if (isHiddenName(name)) this.#counter.ignore('hidden');
    else if (name.includes(REPLACEMENT))
      return [toProblem(file, 'unsupported_path', 'its name is not UTF-8: rename it')];
    else if (entry.isDirectory()) return this.scanFolder(`${file}/`);
    else if (page !== false) return [this.#toPage(file, page === true ? null : page)];
    else if (container !== undefined) return [toProblem(file, 'unsupported_archive', describeUnsupported(container))];
    else if (mayBeZip(extension)) return this.#visitArchive(file, entry.isSymbolicLink());
    else if (isComicInfo(name)) return [];
    else if (entry.isSymbolicLink()) this.#counter.ignore('links');
    else this.#counter.ignore(extension || 'no extension');
    return [];
  }

  async #visitArchive(file: string, isLink: boolean): Promise<readonly Found[]> {
    const { dataRoots } = this.#options;
    const target = path.join(this.#root, file);
    if (isLink && dataRoots !== undefined && !(await isInside(target, dataRoots, true))) {
      return [toProblem(file, 'outside_data_roots', 'it leads outside')];
    }
    try {
      return await this.#limit(() => this.scanArchive(file));
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      // What may pass must not leave out a book.
      if (!(error instanceof ArchiveError || isFileError(error))) throw toReadError(target, error);
      return [toProblem(file, error instanceof ArchiveError ? error.reason : 'bad_archive', firstLine(error))];
    }
  }

  #toPage(file: string, formatProblem: string | null): FoundPage {
    this.#reportFound(1);
    const page = { id: stemOf(file).normalize('NFC'), file, type: null };
    if (formatProblem === null) return { ...page, image: { path: path.join(this.#root, file) } };
    return { ...page, image: { reason: 'unsupported_format', detail: `${file}: ${formatProblem}` } };
  }

  /** Applies the ComicInfo.xml of a folder to its images, also in its folders, but not to those in archives. */
  async #readComicInfo(file: string, found: readonly Found[]): Promise<void> {
    const pages = found.filter(isFoundPage).filter(({ image }) => !('member' in image));
    const target = path.join(this.#root, file);
    try {
      const { dataRoots } = this.#options;
      if (dataRoots !== undefined && !(await isInside(target, dataRoots, true))) throw new Error('it leads outside');
      const stats = await stat(target);
      if (!stats.isFile() || stats.size > MAX_COMIC_INFO_BYTES)
        throw new Error(`${stats.size} bytes are too many, or it is no file`);
      applyComicInfo(await readFile(target), pages, file, this.#counter);
    } catch (error) {
      this.#counter.note('comic_info_unreadable', file, firstLine(error));
    }
  }

  #reportFound(count: number): void {
    this.#found += count;
    this.#counter.images += count;
    this.#options.onProgress?.(this.#found, 'files');
  }
}

function toProblem(
  file: string,
  reason: 'unsupported_path' | 'unsupported_archive' | 'bad_archive' | 'outside_data_roots',
  detail: string,
): Found {
  return { id: stemOf(file).normalize('NFC'), reason, detail: `${file}: ${detail}` };
}
