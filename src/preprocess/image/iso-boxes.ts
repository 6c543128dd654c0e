import { PanelvecError } from '../../errors.ts';

/** A box of an ISO base media file, of which AVIF is one. */
export interface Box {
  readonly type: string;
  readonly content: Buffer;
}

/** Boxes side by side. Empty ones take eight bytes, and memory. */
const MAX_BOXES = 1000;

/** @throws RangeError where a header reaches over the end */
export function* readBoxes(buffer: Buffer): Generator<Box> {
  let offset = 0;
  for (let count = 0; offset < buffer.length; count++) {
    if (count === MAX_BOXES) throw damagedAvif(`it has over ${MAX_BOXES} boxes`);
    const size32 = buffer.readUInt32BE(offset);
    const headerBytes = size32 === 1 ? 16 : 8;
    // A size of 0 means to the end; a size of 1 means that 64 bits follow.
    const size =
      size32 === 0 ? buffer.length - offset : size32 === 1 ? Number(buffer.readBigUInt64BE(offset + 8)) : size32;
    if (size < headerBytes || offset + size > buffer.length) throw damagedAvif('a box has a wrong size');
    const type = buffer.toString('latin1', offset + 4, offset + 8);
    yield { type, content: buffer.subarray(offset + headerBytes, offset + size) };
    offset += size;
  }
}

/** The content of a box that may be there only once: of two, the decoder might read the other one. */
export function onlyBox(boxes: Iterable<Box>, type: string): Buffer {
  const [box, duplicate] = [...boxes].filter((candidate) => candidate.type === type);
  if (box === undefined || duplicate !== undefined) throw damagedAvif(`it needs one box "${type}"`);
  return box.content;
}

export function refusedAvif(what: string): PanelvecError {
  return new PanelvecError('unsupported_media_type', `${what} is not taken: save it as one still picture`);
}

export function damagedAvif(problem: string, cause?: unknown): PanelvecError {
  return new PanelvecError('image_unreadable', `the AVIF file is damaged: ${problem}`, { cause });
}
