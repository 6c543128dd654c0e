import { writeFile } from 'node:fs/promises';
import { crc32, deflateRawSync } from 'node:zlib';

/** A record of a zip file, and what its headers may say beside the truth. */
export interface ZipRecord {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  /** In the directory and in the local header. */
  readonly declared?: {
    crc?: number;
    uncompressedSize?: number;
    compressedSize?: number;
    flags?: number;
    method?: number;
  };
  /** In the directory only. */
  readonly localHeaderOffset?: number;
  readonly nameInDirectory?: string;
  /** Sizes and start in an extra field of 64-bit numbers. */
  readonly zip64?: boolean;
}

/** A zip file of any records, without zip64 parts. */
export function buildZip(records: readonly ZipRecord[], end: { entries?: number; start?: number } = {}): Buffer {
  const chunks: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const record of records) {
    const data = Buffer.from(record.deflate ? deflateRawSync(record.bytes) : record.bytes);
    const local = Buffer.concat([localHeader(record, data.length), data]);
    directory.push(directoryEntry(record, data.length, offset));
    chunks.push(local);
    offset += local.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const endRecord = Buffer.alloc(22);
  endRecord.writeUInt32LE(0x06054b50, 0);
  endRecord.writeUInt16LE(end.entries ?? records.length, 10);
  endRecord.writeUInt32LE(directoryBytes.length, 12);
  endRecord.writeUInt32LE(end.start ?? offset, 16);
  return Buffer.concat([...chunks, directoryBytes, endRecord]);
}

/** Flags, method, time, checksum and sizes, which both headers have in this order. */
function commonFields({ bytes, deflate, declared = {} }: ZipRecord, compressedSize: number): Buffer {
  const fields = Buffer.alloc(20);
  fields.writeUInt16LE(declared.flags ?? 0, 0);
  fields.writeUInt16LE(declared.method ?? (deflate ? 8 : 0), 2);
  fields.writeUInt32LE(declared.crc ?? crc32(bytes), 8);
  fields.writeUInt32LE(declared.compressedSize ?? compressedSize, 12);
  fields.writeUInt32LE(declared.uncompressedSize ?? bytes.length, 16);
  return fields;
}

function localHeader(record: ZipRecord, compressedSize: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  commonFields(record, compressedSize).copy(header, 6);
  header.writeUInt16LE(Buffer.byteLength(record.name), 26);
  return Buffer.concat([header, Buffer.from(record.name)]);
}

function directoryEntry(record: ZipRecord, compressedSize: number, offset: number): Buffer {
  const header = Buffer.alloc(46);
  const name = Buffer.from(record.nameInDirectory ?? record.name);
  header.writeUInt32LE(0x02014b50, 0);
  commonFields(record, compressedSize).copy(header, 8);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(record.localHeaderOffset ?? offset, 42);
  if (!record.zip64) return Buffer.concat([header, name]);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  for (const [index, value] of [record.bytes.length, compressedSize, offset].entries()) {
    extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  }
  for (const field of [20, 24, 42]) header.writeUInt32LE(0xffffffff, field);
  header.writeUInt16LE(extra.length, 30);
  return Buffer.concat([header, name, extra]);
}

/** Writes a file in the layout of torch.save. */
export async function writeTorch(
  file: string,
  pickle: Uint8Array,
  storages: Readonly<{ [key: string]: Uint8Array }> = {},
): Promise<string> {
  const records = Object.entries(storages).map(([key, bytes]) => ({ name: `x/data/${key}`, bytes }));
  await writeFile(file, buildZip([{ name: 'x/data.pkl', bytes: pickle }, ...records]));
  return file;
}
