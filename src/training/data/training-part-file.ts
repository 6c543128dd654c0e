import { DTYPES } from '../../graph/dtype.ts';
import { elementCount } from '../../graph/shape.ts';
import { RandomAccessFile } from '../../weights/random-access-file.ts';
import type { SafetensorsHeader } from '../../weights/safetensors-header.ts';
import { readHeader } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import type { Tensor } from '../../weights/tensor.ts';
import type { Column, PageMetadata } from '../training-columns.ts';

/** Writes some pages of a training set as a safetensors file, atomically: the rows of their panels one after the other. */
export async function writeTrainingPart(
  file: string,
  pages: readonly PageMetadata[],
  columns: ReadonlyMap<string, Column>,
): Promise<void> {
  const rows = pages.reduce((sum, page) => sum + page.rows, 0);
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, bytes }] of columns) tensors.set(name, { dtype, shape: [rows, ...shape], bytes });
  await writeSafetensors(file, tensors, { pages: JSON.stringify(pages) });
}

/** A file of training pages. Rows are read when they are needed; the system's page cache keeps what fits. */
export class TrainingPartFile implements AsyncDisposable {
  readonly pages: readonly PageMetadata[];
  readonly #source: RandomAccessFile;
  readonly #header: SafetensorsHeader;
  readonly #dataStart: number;

  private constructor(source: RandomAccessFile, header: SafetensorsHeader, dataStart: number) {
    this.#source = source;
    this.#header = header;
    this.#dataStart = dataStart;
    this.pages = JSON.parse(header.metadata['pages'] ?? '[]');
  }

  /** @throws WeightsError where the file is truncated or not a safetensors file */
  static async open(file: string): Promise<TrainingPartFile> {
    const source = await RandomAccessFile.open(file);
    try {
      const { header, dataStart } = await readHeader(source);
      return new TrainingPartFile(source, header, dataStart);
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  }

  get columns(): readonly string[] {
    return [...this.#header.entries.keys()];
  }

  /** Reads one element of a row whose column has lists of them. */
  async readElement(name: string, row: number, element: number): Promise<Uint8Array> {
    const { dtype, shape, start } = this.#entry(name);
    const [, count = 0, ...elementShape] = shape;
    if (element >= count) throw new RangeError(`the column "${name}" has ${count} elements a row`);
    const bytes = elementCount(elementShape) * DTYPES[dtype].bytes;
    return this.#source.read(this.#dataStart + start + (row * count + element) * bytes, bytes);
  }

  /** Reads some rows of a column. */
  async read(name: string, firstRow: number, rows: number): Promise<Column> {
    const { dtype, shape, start } = this.#entry(name);
    const [, ...rowShape] = shape;
    const rowBytes = elementCount(rowShape) * DTYPES[dtype].bytes;
    const bytes = await this.#source.read(this.#dataStart + start + firstRow * rowBytes, rows * rowBytes);
    return { dtype, shape: rowShape, bytes };
  }

  #entry(name: string) {
    const entry = this.#header.entries.get(name);
    if (entry === undefined) throw new RangeError(`the training part has no column "${name}"`);
    return entry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
  }
}
