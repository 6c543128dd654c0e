import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive. Fields may lie, so that archives can be made that no program writes. */
export interface ZipFile {
  readonly name: string | Buffer;
  readonly content: string | Uint8Array;
  readonly isStored?: boolean;
  /** General purpose flags; 0x800 marks the name as UTF-8 */
  readonly flags?: number;
  readonly method?: number;
  /** The size after decompression that the archive declares */
  readonly declaredBytes?: number;
  readonly declaredCrc32?: number;
}

const UTF8_FLAG = 0x800;
const VERSION = 20;

/** Makes a ZIP archive. Source: APPNOTE.TXT of PKWARE */
export function makeZip(files: readonly ZipFile[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const content = Buffer.from(file.content);
    const name = Buffer.from(file.name);
    const data = file.isStored ? content : deflateRawSync(content);
    const flags = file.flags ?? (typeof file.name === 'string' ? UTF8_FLAG : 0);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(VERSION, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(file.method ?? (file.isStored ? 0 : 8), 4);
    fields.writeUInt32LE(file.declaredCrc32 ?? crc32(content), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(file.declaredBytes ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, data]);
    const entryEnd = Buffer.alloc(14);
    entryEnd.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([VERSION, 0]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, fields, entryEnd, name]));
    locals.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, entries, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
