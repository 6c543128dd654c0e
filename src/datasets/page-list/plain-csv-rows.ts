import { CsvError } from './csv-error.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;

/** Splits CSV without quotes into rows: each line is one, and each comma ends a field. */
export class PlainCsvRows {
  /** The first row, whose fields say how many there are */
  header: string[] | null = null;
  readonly #maxRowBytes: number;
  readonly #onRow: (fields: string[]) => void;
  /** The line that the last chunk has begun */
  #rest: Buffer = Buffer.alloc(0);
  /** Lines that have ended */
  #lines = 0;

  constructor(maxRowBytes: number, onRow: (fields: string[]) => void) {
    this.#maxRowBytes = maxRowBytes;
    this.#onRow = onRow;
  }

  /** What another parser reads in place of the lines until now, so that it counts lines and fields as in the whole file. */
  get replacement(): Buffer {
    const blankLines = '\n'.repeat(this.header === null ? this.#lines : this.#lines - 1);
    return Buffer.concat([
      Buffer.from(this.header === null ? '' : `${this.header.join(',')}\n`),
      Buffer.from(blankLines),
      this.#rest,
    ]);
  }

  /** @throws CsvError; what `onRow` throws */
  write(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    let feed = bytes.indexOf(LINE_FEED);
    let carriageReturn = bytes.indexOf(CARRIAGE_RETURN);
    for (;;) {
      const isReturn = carriageReturn >= 0 && (feed < 0 || carriageReturn < feed);
      const end = isReturn ? carriageReturn : feed;
      // A return at the end of the chunk may be the first half of a line end.
      if (end < 0 || (isReturn && end === bytes.length - 1)) break;
      this.#addLine(bytes, start, end);
      start = end + (isReturn && feed === end + 1 ? 2 : 1);
      if (feed >= 0 && feed < start) feed = bytes.indexOf(LINE_FEED, start);
      if (carriageReturn >= 0 && carriageReturn < start) carriageReturn = bytes.indexOf(CARRIAGE_RETURN, start);
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > this.#maxRowBytes) {
      throw new CsvError(`the line has over ${this.#maxRowBytes} bytes`, this.#lines + 1);
    }
  }

  end(): void {
    const hasReturn = this.#rest.at(-1) === CARRIAGE_RETURN;
    this.#addLine(this.#rest, 0, this.#rest.length - (hasReturn ? 1 : 0));
  }

  #addLine(bytes: Buffer, start: number, end: number): void {
    this.#lines++;
    if (start === end) return;
    const fields: string[] = [];
    let from = start;
    for (let comma = bytes.indexOf(COMMA, from); comma >= 0 && comma < end; comma = bytes.indexOf(COMMA, from)) {
      fields.push(bytes.toString('utf8', from, comma));
      from = comma + 1;
    }
    fields.push(bytes.toString('utf8', from, end));
    this.header ??= fields;
    if (fields.length !== this.header.length) {
      throw new CsvError(`expected ${this.header.length} fields, got ${fields.length}`, this.#lines);
    }
    this.#onRow(fields);
  }
}
