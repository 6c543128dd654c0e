import { WeightsError } from '../weights-error.ts';

/** A cursor over a pickle. Every read checks the length first, so that a lie costs neither memory nor time. */
export class PickleInput {
  readonly file: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next bytes, as a view. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** Rounds past 2^53, where no length can be met anyway. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** The one number that pickles write with the high byte first. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  text(length: number): string {
    const bytes = this.take(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new WeightsError(`${this.file}: the pickle has a string that is no UTF-8 before byte ${this.#at}`, {
        cause,
      });
    }
  }

  /** Text up to a newline, which is skipped. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#ended();
    const text = this.text(end - this.#at);
    this.#at = end + 1;
    return text;
  }

  #advance(length: number): number {
    if (length > this.remaining) throw this.#ended();
    const start = this.#at;
    this.#at += length;
    return start;
  }

  #ended(): WeightsError {
    return new WeightsError(`${this.file}: the pickle is truncated: it ends at byte ${this.#bytes.length}`);
  }
}
