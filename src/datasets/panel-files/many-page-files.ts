import { readFileSync, statSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { firstLine } from '../../errors.ts';
import type { ParsedJson } from '../../util/parse-json.ts';
import { datasetError, toReadError } from '../dataset-file.ts';
import type { PanelFormat } from '../dataset-spec.ts';
import type { ProgressOptions } from '../index-progress.ts';
import { EXAMPLES_PER_REASON, type ManyPageFilesReport } from '../index-report.ts';
import { describeContents } from './detect-format.ts';
import type { PageOfFile } from './file-panels.ts';
import { isCoco, splitCoco } from './formats/coco.ts';
import { isKumiko, splitKumiko } from './formats/kumiko.ts';
import { isMokuro, splitMokuro } from './formats/mokuro.ts';
import { parsePanelFile } from './parse-panel-file.ts';
import { type ManyPageFile, RecordMatcher, type RecordPlace, type RecordProblem } from './record-matcher.ts';

/** A file is parsed as a whole. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** Files of a folder that might have many pages: most are panel files of pages that the dataset does not have. */
const MAX_GUESSED_FILES = 1000;

/** The formats of files for many pages. */
const SPLITTERS: Readonly<
  Partial<Record<PanelFormat, { is(json: unknown): boolean; split(json: unknown): PageOfFile[] }>>
> = {
  coco: { is: isCoco, split: splitCoco },
  kumiko: { is: isKumiko, split: splitKumiko },
  mokuro: { is: isMokuro, split: splitMokuro },
};

/** Whether files of a format may be about many pages. */
export function mayHaveManyPages(format: PanelFormat): boolean {
  return format === 'auto' || format in SPLITTERS;
}

export interface PageRecord {
  readonly file: string;
  /** The image as the file names it */
  readonly name: string;
  /** What a panel file of its own would hold */
  readonly json: unknown;
}

export type PageRecordResult = PageRecord | RecordProblem;

/** The pages of files for many pages. */
export class ManyPageFiles {
  readonly #format: PanelFormat;
  readonly #places: RecordPlace[] = [];
  readonly #byRow = new Map<number, RecordPlace | RecordProblem>();
  /** The file that was read last: pages of one book follow each other. */
  #current: { readonly path: string; readonly pages: readonly PageOfFile[] } | undefined;
  /** Files that have pages */
  #files = 0;
  readonly #unread: { readonly file: string; readonly problem: string }[] = [];
  /** A key that a file has twice, by the file */
  readonly #repeatedKeys = new Map<string, string>();

  constructor(format: PanelFormat) {
    this.#format = format;
  }

  get report(): ManyPageFilesReport {
    const found = [...this.#byRow.values()].filter((place) => !('reason' in place));
    const repeated = [...this.#repeatedKeys].map(([file, key]) => ({
      file,
      problem: `the key ${JSON.stringify(key)} is there twice, and its last value counts`,
    }));
    const unread = [...this.#unread, ...this.#listUnmatched(), ...repeated].slice(0, EXAMPLES_PER_REASON);
    return { files: this.#files, pages: this.#places.length, matched: found.length, unread };
  }

  /** Reads the one file that a dataset names. @throws PanelvecError naming it if it has no pages */
  readOnly(file: ManyPageFile): void {
    const pages = this.#readPages(file.path);
    if (pages === undefined) {
      const formats = this.#format === 'auto' ? Object.keys(SPLITTERS).join(', ') : this.#format;
      throw datasetError(
        file.path,
        `this is no file for many pages (${formats}): it holds ${describeContents(readJson(file.path).value)}`,
      );
    }
    this.#addPages(file, pages);
  }

  /** Reads what files of a folder have pages. Others are not panel files, or are those of pages that nobody wants. */
  async readAll(
    volumes: readonly ManyPageFile[],
    others: readonly ManyPageFile[],
    signal?: AbortSignal,
  ): Promise<void> {
    const limit = this.#format === 'auto' ? MAX_GUESSED_FILES : others.length;
    for (const file of [...volumes, ...others.slice(0, limit)]) {
      signal?.throwIfAborted();
      try {
        // A link might lead out of the data folders.
        if (!(await lstat(file.path)).isFile()) continue;
        this.#addPages(file, this.#readPages(file.path) ?? []);
      } catch (error) {
        this.#unread.push({ file: file.path, problem: firstLine(error) });
      }
    }
    const firstUnread = others[limit];
    if (firstUnread === undefined) return;
    const problem = `of ${others.length} files without a page of their name, ${limit} were read, and not this and the following`;
    this.#unread.push({ file: firstUnread.path, problem });
  }

  /**
   * Finds the page of a file for each row: by the name of its image behind the name of the file, as one file for each book has
   * them, else by the name of the image alone.
   * @param ids the ids of all rows
   */
  async match(
    rows: readonly number[],
    ids: readonly string[],
    allowInexactIds: boolean,
    progress: ProgressOptions,
  ): Promise<void> {
    if (this.#places.length === 0) return;
    const matchNames = async (
      nameOf: (place: RecordPlace) => string | undefined,
      isBridged: (name: string) => boolean,
    ) => {
      const taken = new Set(this.#byRow.values());
      const matcher = new RecordMatcher(ids, this.#byRow);
      for (const place of this.#places) {
        const name = taken.has(place) ? undefined : nameOf(place);
        if (name !== undefined) matcher.addName(name, place);
      }
      const missing = rows.filter((row) => !this.#byRow.has(row));
      await matcher.match(missing, (name) => allowInexactIds && isBridged(name), progress);
    };
    await matchNames(
      ({ file, name }) => `${file.id}/${name}`,
      () => true,
    );
    // In several files, the number of a page alone may stand for pages of several books.
    await matchNames(
      ({ name }) => name,
      (name) => this.#files === 1 || name.includes('/'),
    );
    // Tools that rename images write a file for each part of a collection, and none for each book.
    if (!allowInexactIds) return;
    await matchNames(
      ({ name }) => nameBeforeUpload(name),
      () => true,
    );
  }

  /** If no page was found at all, the files with one name each: a tool may have renamed all images. */
  #listUnmatched(): { readonly file: string; readonly problem: string }[] {
    if (this.#byRow.size > 0) return [];
    const names = new Map(this.#places.map(({ file, name }) => [file.path, name]));
    return Array.from(names, ([file, name]) => ({
      file,
      problem: `none of its images is a page that is wanted: it names ${JSON.stringify(name)}, for one`,
    }));
  }

  /** The page of a row, undefined if no file has it. Reads its file again if another one was read since. */
  get(row: number): PageRecordResult | undefined {
    const place = this.#byRow.get(row);
    if (place === undefined || 'reason' in place) return place;
    const { path: file } = place.file;
    const page = this.#readPages(file)?.[place.index];
    if (page === undefined || toPathName(page.name) !== place.name)
      throw datasetError(file, 'the file has changed while the dataset was indexed');
    return { file, name: place.name, json: page.json };
  }

  #addPages(file: ManyPageFile, pages: readonly PageOfFile[]): void {
    if (pages.length > 0) this.#files++;
    for (const [index, { name, problem }] of pages.entries()) {
      if (problem !== undefined) this.#unread.push({ file: file.path, problem });
      else this.#places.push({ file, index, name: toPathName(name) });
    }
  }

  /** The pages of a file; undefined if it is of no format that has many. Sync: an await for each page would take longer. */
  #readPages(file: string): readonly PageOfFile[] | undefined {
    if (this.#current?.path === file) return this.#current.pages;
    const { value: json, repeatedKey } = readJson(file);
    const formats = this.#format === 'auto' ? Object.values(SPLITTERS) : [SPLITTERS[this.#format]];
    const pages = formats.find((format) => format?.is(json))?.split(json);
    if (pages === undefined) return undefined;
    this.#current = { path: file, pages };
    if (repeatedKey !== undefined) this.#repeatedKeys.set(file, repeatedKey);
    return pages;
  }
}

/**
 * The name that an image had before tools for annotation renamed it: Roboflow writes `p1_jpg.rf.<hash>.jpg` for p1.jpg, and Label
 * Studio `<hash>-p1.jpg`; addresses end in parameters.
 */
function nameBeforeUpload(name: string): string | undefined {
  const withoutQuery = /^https?:/i.test(name) ? name.replace(/[?#].*$/, '') : name;
  const folder = withoutQuery.slice(0, withoutQuery.lastIndexOf('/') + 1);
  const file = withoutQuery.slice(folder.length);
  const roboflow = /^(.+)_([a-z]{3,4})\.rf\.[0-9a-z]{8,}\.[a-z]{3,4}$/i.exec(file);
  if (roboflow !== null) return `${folder}${roboflow[1]}.${roboflow[2]}`;
  const labelStudio = /^[0-9a-f]{8}-(.+)$/.exec(file);
  if (labelStudio?.[1] !== undefined) return folder.replace(/^(?:.*\/)?(?:images|upload\/\d+)\/$/, '') + labelStudio[1];
  return withoutQuery === name ? undefined : withoutQuery;
}

function toPathName(name: string): string {
  return name.replaceAll('\\', '/');
}

/** @throws PanelvecError naming the file */
function readJson(file: string): ParsedJson {
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES) {
      throw datasetError(file, `the file has ${size} bytes, over ${MAX_FILE_BYTES}: split it by books`);
    }
    return parsePanelFile(readFileSync(file));
  } catch (error) {
    throw toReadError(file, error);
  }
}
