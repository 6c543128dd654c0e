import { DTYPES } from '../../graph/dtype.ts';
import { elementCount, sameShape } from '../../graph/shape.ts';
import type { Column, PageMetadata } from '../columns.ts';
import { TrainingPartFile } from './training-part-file.ts';

/** A page with the place of its rows. */
export interface TrainingPage extends PageMetadata {
  readonly part: number;
  readonly firstRow: number;
}

/** All pages of a training, in the order of its parts. */
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

  /** @throws WeightsError naming the file that is torn */
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

  /** The rows of some pages, one page after the other. Rows of different lengths are filled up with zeros. */
  async read(pages: readonly TrainingPage[]): Promise<ReadonlyMap<string, Column>> {
    const names = this.#parts[pages[0]!.part]!.columns;
    const columns = await Promise.all(
      names.map(async (name) => {
        const parts = await Promise.all(
          pages.map(({ part, firstRow, rows }) => this.#parts[part]!.read(name, firstRow, rows)),
        );
        return [name, concatenateColumns(parts, pages)] as const;
      }),
    );
    return new Map(columns);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of this.#parts) await part[Symbol.asyncDispose]();
  }
}

function concatenateColumns(parts: readonly Column[], pages: readonly TrainingPage[]): Column {
  const { dtype } = parts[0]!;
  const shape = parts.map((part) => part.shape).reduce((a, b) => (elementCount(a) >= elementCount(b) ? a : b));
  const rowBytes = elementCount(shape) * DTYPES[dtype].bytes;
  const bytes = new Uint8Array(pages.reduce((sum, { rows }) => sum + rows, 0) * rowBytes);
  let row = 0;
  for (const [i, part] of parts.entries()) {
    const { rows } = pages[i]!;
    if (sameShape(part.shape, shape)) bytes.set(part.bytes, row * rowBytes);
    else {
      const length = elementCount(part.shape) * DTYPES[dtype].bytes;
      for (let j = 0; j < rows; j++) {
        bytes.set(part.bytes.subarray(j * length, (j + 1) * length), (row + j) * rowBytes);
      }
    }
    row += rows;
  }
  return { dtype, shape, bytes };
}
