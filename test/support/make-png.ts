import { crc32, deflateSync } from 'node:zlib';

export interface PngChunk {
  readonly type: string;
  readonly data: Buffer;
}

export interface PngFields {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha */
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  /** The samples of all rows, packed, without filter bytes; fewer rows make a truncated picture */
  readonly rows: Buffer;
  /** Chunks between header and pixels: PLTE, iCCP, gAMA, tRNS, ... */
  readonly chunks?: readonly PngChunk[];
}

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** Writes a PNG of any depth and with any chunks, which no library does. */
export function makePng({ width, height, bitDepth, colourType, rows, chunks = [] }: PngFields): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourType;
  const rowBytes = Math.ceil((width * bitDepth * CHANNELS[colourType]) / 8);
  const filteredRows: Buffer[] = [];
  for (let offset = 0; offset < rows.length; offset += rowBytes) {
    filteredRows.push(Buffer.of(0), rows.subarray(offset, offset + rowBytes));
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const allChunks = [
    { type: 'IHDR', data: header },
    ...chunks,
    { type: 'IDAT', data: deflateSync(Buffer.concat(filteredRows)) },
    { type: 'IEND', data: Buffer.alloc(0) },
  ];
  return Buffer.concat([signature, ...allChunks.map(encodeChunk)]);
}

/** A colour profile as PNG embeds it. */
export function profileChunk(profile: Buffer): PngChunk {
  return { type: 'iCCP', data: Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(profile)]) };
}

function encodeChunk({ type, data }: PngChunk): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
