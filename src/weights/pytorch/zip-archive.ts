import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { oneLine } from '../../errors.ts';
import type { FileBytes } from '../file-bytes.ts';
import { WeightsError } from '../weights-error.ts';
import { legible } from './legible.ts';
import { LOCAL_HEADER_BYTES, readZipDirectory, type ZipEntry } from './zip-directory.ts';

const LOCAL_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** The sizes and the checksum follow the data; the local header has zeros for them. PyTorch writes it this way. */
const SIZES_FOLLOW = 8;
/** PyTorch stores its records; a packed one is a checkpoint that was unzipped and zipped again. */
const MAX_INFLATED_BYTES = 2 ** 30;
/** The most that deflate can gain (zlib.net, "Maximum Compression Factor"). */
const MAX_DEFLATE_RATIO = 1032;
/** The native checksum counts in 32 bits. */
const CHECKSUM_PIECE_BYTES = 1 << 28;

const inflate = promisify(inflateRaw);

/** A zip file read record by record. Nothing is ever written, so names are keys here and no paths. */
export class ZipArchive {
  readonly #source: FileBytes;
  readonly #entries: ReadonlyMap<string, ZipEntry>;

  private constructor(source: FileBytes, entries: ReadonlyMap<string, ZipEntry>) {
    this.#source = source;
    this.#entries = entries;
  }

  /** @throws WeightsError where the directory is missing or lies */
  static async open(source: FileBytes): Promise<ZipArchive> {
    return new ZipArchive(source, await readZipDirectory(source));
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** Size of a record once read, undefined where there is no such record. */
  bytesOf(name: string): number | undefined {
    return this.#entries.get(name)?.bytes;
  }

  /**
   * A whole record in a buffer of its own.
   * @throws WeightsError where it is missing, encrypted, packed in an unknown way, or its checksum differs
   */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw this.#error(name, 'is missing');
    if (entry.flags & ENCRYPTED) throw this.#error(name, 'is encrypted');
    const packed = await this.#source.read(await this.#dataStart(entry), entry.packedBytes);
    const bytes = await this.#unpack(entry, packed);
    if (checksum(bytes) !== entry.crc) throw this.#error(name, 'is damaged: its checksum differs');
    return bytes;
  }

  /** The directory and the local header must tell the same, or two readers would see two files. */
  async #dataStart({ name, start, flags, method, crc, bytes, packedBytes }: ZipEntry): Promise<number> {
    const header = new DataView((await this.#source.read(start, LOCAL_HEADER_BYTES)).buffer);
    if (header.getUint32(0, true) !== LOCAL_SIGNATURE) throw this.#error(name, `is not at byte ${start}`);
    const nameBytes = header.getUint16(26, true);
    const localName = new TextDecoder().decode(await this.#source.read(start + LOCAL_HEADER_BYTES, nameBytes));
    const localFlags = header.getUint16(6, true);
    const sizes = [header.getUint32(14, true), header.getUint32(18, true), header.getUint32(22, true)];
    const agrees =
      localName === name &&
      header.getUint16(8, true) === method &&
      localFlags === flags &&
      (localFlags & SIZES_FOLLOW || sameSizes(sizes, [crc, packedBytes, bytes]));
    if (!agrees) throw this.#error(name, 'is described in two ways, in the directory and at its place');
    return start + LOCAL_HEADER_BYTES + nameBytes + header.getUint16(28, true);
  }

  async #unpack({ name, method, bytes }: ZipEntry, packed: Uint8Array): Promise<Uint8Array> {
    if (method === STORED) {
      if (packed.length === bytes) return packed;
      throw this.#error(name, `is stored in ${packed.length} bytes, but is said to have ${bytes}`);
    }
    if (method !== DEFLATED) throw this.#error(name, `is packed with the zip method ${method}, which is not read here`);
    if (bytes > Math.min(MAX_INFLATED_BYTES, packed.length * MAX_DEFLATE_RATIO)) {
      throw this.#error(name, `is said to unpack from ${packed.length} to ${bytes} bytes`);
    }
    // The bound is what the directory declares: a bomb stops there instead of in the memory.
    const inflated = await inflate(packed, { maxOutputLength: Math.max(1, bytes) }).catch((cause: unknown) => {
      throw this.#error(name, `does not unpack to ${bytes} bytes: ${oneLine(cause)}`, cause);
    });
    if (inflated.length === bytes) return new Uint8Array(inflated);
    throw this.#error(name, `unpacks to ${inflated.length} bytes, but is said to have ${bytes}`);
  }

  #error(name: string, reason: string, cause?: unknown): WeightsError {
    return new WeightsError(`${this.#source.file}: the record "${legible(name)}" ${reason}`, { cause });
  }
}

/** All ones stand for a size in the zip64 extra field. */
function sameSizes(local: readonly number[], central: readonly number[]): boolean {
  return local.every((value, index) => value === central[index] || (index > 0 && value === 0xffffffff));
}

function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += CHECKSUM_PIECE_BYTES) {
    crc = crc32(bytes.subarray(at, at + CHECKSUM_PIECE_BYTES), crc);
  }
  return crc;
}
