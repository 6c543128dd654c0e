import { writeFile } from 'node:fs/promises';
import { crc32, deflateRawSync } from 'node:zlib';

/** A record of a zip file, and what its headers may say beside the truth. */
export interface Record {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  /** In the directory and in the local header. */
  readonly declared?: { crc?: number; bytes?: number; packedBytes?: number; flags?: number; method?: number };
  /** In the directory only. */
  readonly start?: number;
  readonly nameInDirectory?: string;
  /** Sizes and start in an extra field of 64-bit numbers. */
  readonly zip64?: boolean;
}

/** A zip file of any records, without zip64 parts. */
export function zip(records: readonly Record[], end: { entries?: number; start?: number } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const record of records) {
    const data = Buffer.from(record.deflate ? deflateRawSync(record.bytes) : record.bytes);
    const local = Buffer.concat([localHeader(record, data.length), data]);
    directory.push(directoryEntry(record, data.length, at));
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const tail = Buffer.alloc(22);
  tail.writeUInt32LE(0x06054b50, 0);
  tail.writeUInt16LE(end.entries ?? records.length, 10);
  tail.writeUInt32LE(listed.length, 12);
  tail.writeUInt32LE(end.start ?? at, 16);
  return Buffer.concat([...parts, listed, tail]);
}

/** Flags, method, time, checksum and sizes, which both headers have in this order. */
function common({ bytes, deflate, declared = {} }: Record, packedBytes: number): Buffer {
  const fields = Buffer.alloc(20);
  fields.writeUInt16LE(declared.flags ?? 0, 0);
  fields.writeUInt16LE(declared.method ?? (deflate ? 8 : 0), 2);
  fields.writeUInt32LE(declared.crc ?? crc32(bytes), 8);
  fields.writeUInt32LE(declared.packedBytes ?? packedBytes, 12);
  fields.writeUInt32LE(declared.bytes ?? bytes.length, 16);
  return fields;
}

function localHeader(record: Record, packedBytes: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  common(record, packedBytes).copy(header, 6);
  header.writeUInt16LE(Buffer.byteLength(record.name), 26);
  return Buffer.concat([header, Buffer.from(record.name)]);
}

function directoryEntry(record: Record, packedBytes: number, at: number): Buffer {
  const header = Buffer.alloc(46);
  const name = Buffer.from(record.nameInDirectory ?? record.name);
  header.writeUInt32LE(0x02014b50, 0);
  common(record, packedBytes).copy(header, 8);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(record.start ?? at, 42);
  if (!record.zip64) return Buffer.concat([header, name]);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  for (const [index, value] of [record.bytes.length, packedBytes, at].entries()) {
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
  await writeFile(file, zip([{ name: 'x/data.pkl', bytes: pickle }, ...records]));
  return file;
}
