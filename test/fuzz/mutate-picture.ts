import { crc32 } from 'node:zlib';
import type { FuzzRandom } from './fuzz-random.ts';
import { mutateBytes } from './mutate-bytes.ts';

const PNG_SIGNATURE_BYTES = 8;
/** Length, type and checksum */
const PNG_CHUNK_FRAME_BYTES = 12;
const SIDES = [0, 1, 2, 4096, 0x3fff, 0x7fff, 0xffff, 0x10000, 0xfffffff, 0x7fffffff, 0xffffffff] as const;
/** What is left of a picture that was cut off may be shorter than its headers. */
const MIN_STRUCTURE_BYTES = 32;
const MAX_SIDE_JPEG = 0xffff;
const MAX_SIDE_WEBP = 0x3fff;

/** Damages a picture: its bytes, or its structure as far as the format is known. */
export function mutatePicture(bytes: Buffer, random: FuzzRandom, other: Buffer): { bytes: Buffer; note: string } {
  const changeStructure = random.chance(0.5) ? structureOf(bytes) : undefined;
  return changeStructure?.(bytes, random) ?? mutateBytes(bytes, random, other);
}

type StructureMutation = (bytes: Buffer, random: FuzzRandom) => { bytes: Buffer; note: string } | undefined;

function structureOf(bytes: Buffer): StructureMutation | undefined {
  if (bytes.length < MIN_STRUCTURE_BYTES) return undefined;
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG') return mutatePng;
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return mutateJpeg;
  if (bytes.subarray(0, 4).toString('latin1') === 'RIFF') return mutateWebp;
  if (bytes.subarray(4, 8).toString('latin1') === 'ftyp') return mutateAvif;
  return undefined;
}

/** Changes chunks, and gives them right checksums, without which no decoder would look at them. */
function mutatePng(bytes: Buffer, random: FuzzRandom): { bytes: Buffer; note: string } {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let start = PNG_SIGNATURE_BYTES; start + PNG_CHUNK_FRAME_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32BE(start);
    const type = bytes.toString('latin1', start + 4, start + 8);
    chunks.push({ type, data: Buffer.from(bytes.subarray(start + 8, start + 8 + length)) });
    start += length + PNG_CHUNK_FRAME_BYTES;
  }
  const index = random.integer(0, chunks.length - 1);
  const chunk = chunks[index] ?? { type: 'IHDR', data: Buffer.alloc(0) };
  const header = chunks[0]?.data ?? Buffer.alloc(13);
  const note = random.pick(['sides', 'depth', 'chunk removed', 'chunk repeated', 'chunk damaged', 'chunk renamed']);
  if (note === 'sides') header.writeUInt32BE(random.pick(SIDES), random.pick([0, 4]));
  else if (note === 'depth') header[random.integer(8, 12)] = random.integer(0, 20);
  else if (note === 'chunk removed') chunks.splice(index, 1);
  else if (note === 'chunk repeated') chunks.splice(index, 0, ...Array(random.integer(1, 50)).fill(chunk));
  else if (note === 'chunk damaged') chunk.data = mutateBytes(chunk.data, random).bytes;
  else chunk.type = random.pick(['IDAT', 'IEND', 'PLTE', 'tRNS', 'iCCP', 'acTL', 'fdAT', 'eXIf', 'zTXt']);
  const encoded = chunks.map(({ type, data }) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const length = Buffer.alloc(4);
    const checksum = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  });
  return { bytes: Buffer.concat([bytes.subarray(0, PNG_SIGNATURE_BYTES), ...encoded]), note: `PNG ${note}` };
}

/** Changes the sizes in frame headers, and lengths, types, order and number of segments. */
function mutateJpeg(bytes: Buffer, random: FuzzRandom): { bytes: Buffer; note: string } | undefined {
  const segments: Buffer[] = [];
  let start = 2;
  while (start + 4 <= bytes.length && bytes[start] === 0xff) {
    const end = start + 2 + bytes.readUInt16BE(start + 2);
    segments.push(Buffer.from(bytes.subarray(start, end)));
    const isScan = bytes[start + 1] === 0xda;
    start = end;
    if (isScan) break;
  }
  if (segments.length === 0) return undefined;
  const index = random.integer(0, segments.length - 1);
  const segment = segments[index] ?? Buffer.alloc(4);
  const frame = segments.find((candidate) => [0xc0, 0xc1, 0xc2].includes(candidate[1] ?? 0));
  const note = random.pick([
    'sides',
    'components',
    'segment removed',
    'segment repeated',
    'length',
    'marker',
    'damage',
  ]);
  if (note === 'sides') frame?.writeUInt16BE(random.pick(SIDES) & MAX_SIDE_JPEG, random.pick([5, 7]));
  else if (note === 'components') frame?.writeUInt8(random.integer(0, 255), random.integer(9, frame.length - 1));
  else if (note === 'segment removed') segments.splice(index, 1);
  else if (note === 'segment repeated') segments.splice(index, 0, ...Array(random.integer(1, 500)).fill(segment));
  else if (note === 'length') segment.writeUInt16BE(random.integer(0, 0xffff), 2);
  else if (note === 'marker') segment[1] = random.integer(0xc0, 0xfe);
  else segments[index] = mutateBytes(segment, random).bytes;
  return { bytes: Buffer.concat([bytes.subarray(0, 2), ...segments, bytes.subarray(start)]), note: `JPEG ${note}` };
}

function mutateWebp(bytes: Buffer, random: FuzzRandom): { bytes: Buffer; note: string } {
  const copy = Buffer.from(bytes);
  const note = random.pick(['file size', 'chunk size', 'sides', 'chunk type']);
  if (note === 'file size') copy.writeUInt32LE(random.pick(SIDES), 4);
  else if (note === 'chunk size') copy.writeUInt32LE(random.pick(SIDES), 16);
  else if (note === 'sides') copy.writeUInt16LE(random.pick(SIDES) & MAX_SIDE_WEBP, random.pick([21, 24, 26, 28]));
  else copy.write(random.pick(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM']), 12, 'latin1');
  return { bytes: copy, note: `WebP ${note}` };
}

function mutateAvif(bytes: Buffer, random: FuzzRandom): { bytes: Buffer; note: string } | undefined {
  const box = random.pick(['ispe', 'iloc', 'ipma', 'av1C', 'pixi', 'mdat', 'meta', 'iprp', 'ftyp']);
  const place = bytes.indexOf(box);
  if (place < 4) return undefined;
  const copy = Buffer.from(bytes);
  if (random.chance(0.4)) copy.writeUInt32BE(random.pick(SIDES), place - 4);
  else if (box === 'ispe') copy.writeUInt32BE(random.pick(SIDES), place + random.pick([8, 12]));
  else copy[Math.min(copy.length - 1, place + 4 + random.integer(0, 30))] = random.integer(0, 255);
  return { bytes: copy, note: `AVIF ${box}` };
}
