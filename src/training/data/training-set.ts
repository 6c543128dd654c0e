import { DTYPES } from '../../graph/dtype.ts';
import { elementCount } from '../../graph/shape.ts';
import { elementAt } from '../../util/arrays.ts';
import { type Column, isAlternative, type PageMetadata } from '../training-columns.ts';
import { TrainingPartFile } from './training-part-file.ts';

/** A page, and where its rows are. */
export interface TrainingPage extends PageMetadata {
  /** Index of its part */
  readonly part: number;
  readonly firstRow: number;
}

/** The pages of a training, in the order of their parts. */
export class TrainingSet implements AsyncDisposable {
  readonly pages: readonly TrainingPage[];
  readonly #parts: readonly TrainingPartFile[];

  private constructor(parts: readonly TrainingPartFile[]) {
    this.#parts = parts;
    this.pages = parts.flatMap((file, part) => {
      let firstRow = 0;
      return file.pages.map((page) => {
        const trainingPage = { ...page, part, firstRow };
        firstRow += page.rows;
        return trainingPage;
      });
    });
  }

  /** @throws WeightsError naming a file that is truncated */
  static async open(files: readonly string[]): Promise<TrainingSet> {
    const parts: TrainingPartFile[] = [];
    try {
      for (const file of files) parts.push(await TrainingPartFile.open(file));
    } catch (error) {
      for (const part of parts) await part[Symbol.asyncDispose]();
      throw error;
    }
    return new TrainingSet(parts);
  }

  /** The columns of the part that has a page. */
  columnsOf({ part }: TrainingPage): readonly string[] {
    return elementAt(this.#parts, part).columns;
  }

  /** Whether all parts that have a page have a column. */
  hasColumn(name: string): boolean {
    return this.#parts.every(({ pages, columns }) => pages.every(({ rows }) => rows === 0) || columns.includes(name));
  }

  /**
   * Reads the rows of some pages, one page after the other. Rows of different lengths are padded with zeros.
   * @param names the columns; by default those of which each step needs all
   */
  async read(pages: readonly TrainingPage[], names = this.#usualColumns(pages)): Promise<ReadonlyMap<string, Column>> {
    const columns = await Promise.all(
      names.map(async (name) => {
        const parts = await Promise.all(
          pages.map(async ({ part, firstRow, rows }) => ({
            rows,
            column: await elementAt(this.#parts, part).read(name, firstRow, rows),
          })),
        );
        return [name, concatenateColumns(parts)] as const;
      }),
    );
    return new Map(columns);
  }

  /** Reads one element of a row of a page, whose column has lists of them. */
  readElement(name: string, { part, firstRow }: TrainingPage, row: number, element: number): Promise<Uint8Array> {
    return elementAt(this.#parts, part).readElement(name, firstRow + row, element);
  }

  #usualColumns([firstPage]: readonly TrainingPage[]): readonly string[] {
    const names = firstPage === undefined ? [] : elementAt(this.#parts, firstPage.part).columns;
    return names.filter((name) => !isAlternative(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of this.#parts) await part[Symbol.asyncDispose]();
  }
}

/** The columns of some pages as one, each row as long as the longest. */
function concatenateColumns(parts: readonly { readonly column: Column; readonly rows: number }[]): Column {
  const { dtype } = elementAt(parts, 0).column;
  const shape = parts.map(({ column }) => column.shape).reduce((a, b) => (elementCount(a) >= elementCount(b) ? a : b));
  const rowBytes = elementCount(shape) * DTYPES[dtype].bytes;
  const bytes = new Uint8Array(parts.reduce((sum, { rows }) => sum + rows, 0) * rowBytes);
  let firstRow = 0;
  for (const { column, rows } of parts) {
    const length = elementCount(column.shape) * DTYPES[dtype].bytes;
    for (let row = 0; row < rows; row++) {
      bytes.set(column.bytes.subarray(row * length, (row + 1) * length), (firstRow + row) * rowBytes);
    }
    firstRow += rows;
  }
  return { dtype, shape, bytes };
}
