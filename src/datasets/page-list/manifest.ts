import path from 'node:path';
import { elementAt } from '../../util/arrays.ts';
import { datasetError, readDatasetText, toReadError } from '../dataset-file.ts';
import { isReportDue, type ProgressOptions } from '../index-progress.ts';
import { CsvError } from './csv-error.ts';
import { readCsvRows } from './csv-rows.ts';
import { type PathMap, resolveImagePath } from './image-path.ts';
import { ImagePaths } from './image-paths.ts';
import type { PageImageResult, PageList, PageListCounts } from './page-list.ts';

const ID_COLUMN = 'canonical_id';
const PATH_COLUMN = 'absolute_image_path';

const MAX_SHOWN_CHARACTERS = 80;
const ENCODING_REMEDY = 'save it as UTF-8, or name its encoding in dataset.encoding, such as windows-1252';

export interface ManifestOptions extends ProgressOptions {
  /** The encoding of a file that is neither UTF-8 nor UTF-16 with a byte order mark */
  readonly encoding?: string | null;
  readonly pathMap?: PathMap;
}

/**
 * Reads a manifest.
 * @throws PanelvecError naming file and line if it is missing, lacks a column, or is not CSV or not text; the signal's reason
 */
export async function readManifest(file: string, options: ManifestOptions = {}): Promise<PageList> {
  const pages = new ManifestPages(file, options.pathMap ?? []);
  const onRow = (fields: string[]) => {
    pages.add(fields);
    if (isReportDue(pages.rows)) options.onProgress?.(pages.rows, 'manifest');
  };
  try {
    await readCsvRows(readDatasetText(file, ENCODING_REMEDY, options.encoding), onRow, options.signal);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof CsvError
      ? datasetError(`${file}, line ${error.line}`, error.message, error)
      : toReadError(file, error);
  }
  if (pages.columns === null)
    throw datasetError(file, `the file is empty: expected the columns ${ID_COLUMN}, ${PATH_COLUMN}`);
  return pages;
}

class ManifestPages implements PageList {
  readonly name = 'the manifest';
  readonly ids: string[] = [];
  readonly rowById = new Map<string, number>();
  readonly problems = [];
  readonly files = null;
  columns: { readonly id: number; readonly path: number } | null = null;
  rows = 0;
  readonly #file: string;
  /** The folder that paths are relative to */
  readonly #folder: string;
  readonly #pathMap: PathMap;
  readonly #paths = new ImagePaths();
  /** The paths of rows that the file gives more than one path */
  readonly #conflicts = new Map<number, Set<string>>();
  #repeated = 0;
  #withoutId = 0;

  constructor(file: string, pathMap: PathMap) {
    this.#file = file;
    this.#folder = path.dirname(path.resolve(file));
    this.#pathMap = pathMap;
  }

  get counts(): PageListCounts {
    return {
      rows: this.rows,
      pages: this.ids.length,
      repeated: this.#repeated,
      conflicts: this.#conflicts.size,
      withoutId: this.#withoutId,
    };
  }

  imageAt(row: number): PageImageResult {
    const images = this.#conflicts.get(row);
    if (images !== undefined)
      return { reason: 'conflict', detail: `the manifest gives it ${[...images].join(' and ')}` };
    const written = this.#paths.get(row, elementAt(this.ids, row));
    if (written === '') return { reason: 'no_image', detail: 'the manifest gives it no path' };
    const image = resolveImagePath(written, this.#folder, this.#pathMap);
    return 'path' in image ? image : { reason: 'unsupported_path', detail: image.problem };
  }

  typeAt(): null {
    return null;
  }

  /** Adds a row, the header first. @throws PanelvecError if the header lacks a column */
  add(record: readonly string[]): void {
    if (this.columns === null) {
      this.columns = this.#readHeader(record);
      return;
    }
    this.rows++;
    const id = elementAt(record, this.columns.id);
    const writtenPath = elementAt(record, this.columns.path);
    const image = writtenPath.trim() === '' ? '' : writtenPath;
    const row = this.rowById.get(id);
    if (id.trim() === '') this.#withoutId++;
    else if (row === undefined) {
      this.rowById.set(id, this.ids.length);
      this.ids.push(id);
      this.#paths.push(id, image);
    } else this.#addRepeated(row, image);
  }

  #addRepeated(row: number, image: string): void {
    const firstPath = this.#describePath(this.#paths.get(row, elementAt(this.ids, row)));
    const repeatedPath = this.#describePath(image);
    if (firstPath === repeatedPath) this.#repeated++;
    else this.#conflicts.set(row, (this.#conflicts.get(row) ?? new Set([firstPath])).add(repeatedPath));
  }

  /** Says where an image is, so that the same place is the same text. */
  #describePath(written: string): string {
    if (written === '') return 'no path';
    const image = resolveImagePath(written, this.#folder, this.#pathMap);
    return 'path' in image ? image.path : written;
  }

  #readHeader(header: readonly string[]): { readonly id: number; readonly path: number } {
    const names = header.map((name) => name.trim());
    for (const column of [ID_COLUMN, PATH_COLUMN]) {
      const count = names.filter((name) => name === column).length;
      if (count !== 1) {
        const problem = count === 0 ? `there is no column ${column}` : `there are ${count} columns ${column}`;
        throw datasetError(`${this.#file}, line 1`, `${problem} in ${describeHeader(header)}`);
      }
    }
    return { id: names.indexOf(ID_COLUMN), path: names.indexOf(PATH_COLUMN) };
  }
}

/** Shows what may be wrong with a header: another separator, or an encoding that gives each letter a zero byte. */
function describeHeader(header: readonly string[]): string {
  const text = header.join(',');
  if (text.includes('\0')) return 'UTF-16 without a byte order mark: dataset.encoding can be utf-16le or utf-16be';
  const shown = JSON.stringify(text.slice(0, MAX_SHOWN_CHARACTERS));
  const separator = [';', '\t', '|'].find((sign) => text.split(sign).some((name) => name.trim() === ID_COLUMN));
  return separator === undefined
    ? shown
    : `${shown}: its columns are separated by ${JSON.stringify(separator)}, not ","`;
}
