import { WeightsError } from '../weights-error.ts';

/** A cursor over a pickle. Every read checks the length first, so that a false length costs neither memory nor time. */
export class PickleCursor {
  readonly file: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
  }

  get position(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Reads the next bytes, as a view. */
  readBytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  readUint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  readUint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  readInt32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  readUint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** Reads a length. It is rounded past 2^53, which no length can reach. */
  readUint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** Reads a float, the one kind of number that pickles write with the high byte first. */
  readFloat64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  readText(length: number): string {
    const bytes = this.readBytes(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new WeightsError(`${this.file}: the pickle has a string that is no UTF-8 before byte ${this.#offset}`, {
        cause,
      });
    }
  }

  /** Reads text up to a newline, and skips the newline. */
  readLine(): string {
    const end = this.#bytes.indexOf(0x0a, this.#offset);
    if (end < 0) throw this.#truncatedError();
    const text = this.readText(end - this.#offset);
    this.#offset = end + 1;
    return text;
  }

  #advance(length: number): number {
    if (length > this.remaining) throw this.#truncatedError();
    const start = this.#offset;
    this.#offset += length;
    return start;
  }

  #truncatedError(): WeightsError {
    return new WeightsError(`${this.file}: the pickle is truncated: it ends at byte ${this.#bytes.length}`);
  }
}
