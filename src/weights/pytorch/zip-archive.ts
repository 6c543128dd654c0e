import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { firstLine } from '../../errors.ts';
import type { RandomAccessFile } from '../random-access-file.ts';
import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import { LOCAL_HEADER_BYTES, readZipDirectory, type ZipEntry } from './zip-directory.ts';

const LOCAL_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;
/** Set where sizes and checksum follow the data, and the local header has zeros for them. PyTorch writes it this way. */
const DATA_DESCRIPTOR_FLAG = 8;
/** PyTorch does not compress records. A compressed one means that somebody unzipped a checkpoint and zipped it again. */
const MAX_INFLATED_BYTES = 2 ** 30;
/** The highest compression factor of deflate (zlib.net, "Maximum Compression Factor"). */
const MAX_DEFLATE_RATIO = 1032;
/** zlib.crc32 takes lengths of 32 bits. */
const MAX_CHECKSUM_BYTES = 1 << 28;

const inflate = promisify(inflateRaw);

/** A zip file that is read record by record. Nothing is ever written, so names are keys here and not paths. */
export class ZipArchive {
  readonly #source: RandomAccessFile;
  readonly #entries: ReadonlyMap<string, ZipEntry>;

  private constructor(source: RandomAccessFile, entries: ReadonlyMap<string, ZipEntry>) {
    this.#source = source;
    this.#entries = entries;
  }

  /** @throws WeightsError where the directory is missing or wrong */
  static async open(source: RandomAccessFile): Promise<ZipArchive> {
    return new ZipArchive(source, await readZipDirectory(source));
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** Size of a record after inflating, or undefined where there is no such record. */
  recordSize(name: string): number | undefined {
    return this.#entries.get(name)?.uncompressedSize;
  }

  /**
   * Reads a whole record into a buffer of its own.
   * @throws WeightsError where it is missing, encrypted, compressed in an unknown way, or its checksum differs
   */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw this.#error(name, 'is missing');
    if (entry.flags & ENCRYPTED_FLAG) throw this.#error(name, 'is encrypted');
    const compressed = await this.#source.read(await this.#dataStart(entry), entry.compressedSize);
    const bytes = await this.#decompress(entry, compressed);
    if (checksum(bytes) !== entry.crc) throw this.#error(name, 'is damaged: its checksum differs');
    return bytes;
  }

  /** Finds the data of a record. The directory and the local header must agree, or two readers would see two files. */
  async #dataStart({
    name,
    localHeaderOffset,
    flags,
    method,
    crc,
    uncompressedSize,
    compressedSize,
  }: ZipEntry): Promise<number> {
    const header = new DataView((await this.#source.read(localHeaderOffset, LOCAL_HEADER_BYTES)).buffer);
    if (header.getUint32(0, true) !== LOCAL_SIGNATURE) throw this.#error(name, `is not at byte ${localHeaderOffset}`);
    const nameLength = header.getUint16(26, true);
    const localName = new TextDecoder().decode(
      await this.#source.read(localHeaderOffset + LOCAL_HEADER_BYTES, nameLength),
    );
    const localFlags = header.getUint16(6, true);
    const sizes = [header.getUint32(14, true), header.getUint32(18, true), header.getUint32(22, true)];
    const headersAgree =
      localName === name &&
      header.getUint16(8, true) === method &&
      localFlags === flags &&
      (localFlags & DATA_DESCRIPTOR_FLAG || sameSizes(sizes, [crc, compressedSize, uncompressedSize]));
    if (!headersAgree)
      throw this.#error(name, 'is described in two ways: its entry in the directory differs from its header');
    return localHeaderOffset + LOCAL_HEADER_BYTES + nameLength + header.getUint16(28, true);
  }

  async #decompress({ name, method, uncompressedSize }: ZipEntry, compressed: Uint8Array): Promise<Uint8Array> {
    if (method === STORED) {
      if (compressed.length === uncompressedSize) return compressed;
      throw this.#error(name, `is stored in ${compressed.length} bytes, but is said to have ${uncompressedSize}`);
    }
    if (method !== DEFLATED)
      throw this.#error(name, `is compressed with the zip method ${method}, which is not supported`);
    if (uncompressedSize > Math.min(MAX_INFLATED_BYTES, compressed.length * MAX_DEFLATE_RATIO)) {
      throw this.#error(name, `is said to unpack from ${compressed.length} to ${uncompressedSize} bytes`);
    }
    // Inflating stops at the size that the directory declares, so that a bomb cannot fill the memory.
    const inflated = await inflate(compressed, { maxOutputLength: Math.max(1, uncompressedSize) }).catch(
      (cause: unknown) => {
        throw this.#error(name, `does not unpack to ${uncompressedSize} bytes: ${firstLine(cause)}`, cause);
      },
    );
    if (inflated.length === uncompressedSize) return new Uint8Array(inflated);
    throw this.#error(name, `unpacks to ${inflated.length} bytes, but is said to have ${uncompressedSize}`);
  }

  #error(name: string, reason: string, cause?: unknown): WeightsError {
    return new WeightsError(`${this.#source.file}: the record "${escapeControlCharacters(name)}" ${reason}`, { cause });
  }
}

/** Compares checksum and sizes. All ones stand for a size in the zip64 extra field. */
function sameSizes(local: readonly number[], central: readonly number[]): boolean {
  return local.every((value, index) => value === central[index] || (index > 0 && value === 0xffffffff));
}

function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (let offset = 0; offset < bytes.length; offset += MAX_CHECKSUM_BYTES) {
    crc = crc32(bytes.subarray(offset, offset + MAX_CHECKSUM_BYTES), crc);
  }
  return crc;
}
