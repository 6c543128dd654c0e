import path from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { type Parser, parse } from 'csv-parse';
import { elementAt } from '../../util/arrays.ts';
import { datasetError, readDatasetText, toReadError } from '../dataset-file.ts';
import { isReportDue, type ProgressOptions } from '../index-progress.ts';
import { ImagePaths } from './image-paths.ts';

const ID_COLUMN = 'canonical_id';
const PATH_COLUMN = 'absolute_image_path';

/** Without a limit, a quote that is never closed would read the rest of the file into memory. */
const MAX_ROW_LENGTH = 1 << 20;

const ENCODING_REMEDY = 'save it as UTF-8, or name its encoding in dataset.encoding, such as windows-1252';

/** The pages of a manifest in its order. The row of a page is its index in `ids`. */
export interface Manifest {
  /** The folder that paths are relative to */
  readonly folder: string;
  readonly ids: readonly string[];
  /** The path of a row; '' if the file gives none */
  readonly paths: Pick<ImagePaths, 'get'>;
  readonly rowById: ReadonlyMap<string, number>;
  /** The absolute paths of rows that the file gives more than one path */
  readonly conflicts: ReadonlyMap<number, ReadonlySet<string>>;
  readonly rows: number;
  /** Rows that repeat an earlier one */
  readonly repeated: number;
  readonly withoutId: number;
}

/** The absolute image path of a row; '' if the manifest gives none. */
export function imagePath({ folder, ids, paths }: Pick<Manifest, 'folder' | 'ids' | 'paths'>, row: number): string {
  const writtenPath = paths.get(row, elementAt(ids, row));
  return writtenPath === '' ? '' : path.resolve(folder, writtenPath);
}

export interface ManifestOptions extends ProgressOptions {
  /** The encoding of a file that is neither UTF-8 nor UTF-16 with a byte order mark */
  readonly encoding?: string | null;
}

/**
 * Reads a manifest.
 * @throws PanelvecError naming file and line if it is missing, lacks a column, or is not CSV or not text; the signal's reason
 */
export async function readManifest(file: string, options: ManifestOptions = {}): Promise<Manifest> {
  const parser = parse({
    // Files that two systems have written to mix line ends.
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    max_record_size: MAX_ROW_LENGTH,
  });
  const rows = new ManifestRows(file);
  parser.on('data', (record: string[]) => {
    const problem = rows.add(record);
    if (problem !== undefined) parser.destroy(problem);
    else if (isReportDue(rows.rows)) options.onProgress?.(rows.rows, 'manifest');
  });
  const text = readDatasetText(file, ENCODING_REMEDY, options.encoding);
  try {
    await Promise.all([pipeline(text, parser, { signal: options.signal }), finished(parser)]);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw isCsvError(error)
      ? datasetError(`${file}, line ${error.lines}`, error.message, error)
      : toReadError(file, error);
  }
  if (rows.columns === null)
    throw datasetError(file, `the file is empty: expected the columns ${ID_COLUMN}, ${PATH_COLUMN}`);
  return rows;
}

class ManifestRows implements Manifest {
  readonly folder: string;
  readonly ids: string[] = [];
  readonly paths = new ImagePaths();
  readonly rowById = new Map<string, number>();
  readonly conflicts = new Map<number, Set<string>>();
  rows = 0;
  repeated = 0;
  withoutId = 0;
  columns: { readonly id: number; readonly path: number } | null = null;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    this.folder = path.dirname(path.resolve(file));
  }

  /** Adds a row. Returns a problem instead of throwing it, as the parser's stream must not see an exception. */
  add(record: readonly string[]): Error | undefined {
    if (this.columns === null) return this.#readHeader(record);
    this.rows++;
    const id = elementAt(record, this.columns.id);
    const writtenPath = elementAt(record, this.columns.path);
    const image = writtenPath.trim() === '' ? '' : writtenPath;
    const row = this.rowById.get(id);
    if (id.trim() === '') this.withoutId++;
    else if (row === undefined) {
      this.rowById.set(id, this.ids.length);
      this.ids.push(id);
      this.paths.push(id, image);
    } else this.#addRepeated(row, image);
    return undefined;
  }

  #addRepeated(row: number, image: string): void {
    const firstPath = imagePath(this, row);
    const repeatedPath = image === '' ? '' : path.resolve(this.folder, image);
    if (firstPath === repeatedPath) this.repeated++;
    else this.conflicts.set(row, (this.conflicts.get(row) ?? new Set([firstPath])).add(repeatedPath));
  }

  #readHeader(header: readonly string[]): Error | undefined {
    const names = header.map((name) => name.trim());
    for (const column of [ID_COLUMN, PATH_COLUMN]) {
      const count = names.filter((name) => name === column).length;
      if (count !== 1) {
        const problem = count === 0 ? `there is no column ${column}` : `there are ${count} columns ${column}`;
        return datasetError(`${this.#file}, line 1`, problem);
      }
    }
    this.columns = { id: names.indexOf(ID_COLUMN), path: names.indexOf(PATH_COLUMN) };
    return undefined;
  }
}

type CsvError = Error & Pick<Parser['info'], 'lines'>;

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && 'lines' in error;
}
