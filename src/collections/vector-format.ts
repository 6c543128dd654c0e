import { float16ToFloat32 } from '../graph/float16.ts';

/** pgvector sends the number of dimensions and a reserved field before the numbers. */
const HEADER_BYTES = 4;

/** The text that pgvector reads a vector from. */
export function formatVector(vector: Float32Array): string {
  return `[${vector.join(',')}]`;
}

/** The numbers of a vector as `halfvec_send` gives it: half floats in network byte order. */
export function decodeVector(sent: Buffer): Float32Array {
  const halves = Buffer.from(sent.subarray(HEADER_BYTES)).swap16();
  const bytes = float16ToFloat32(halves);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
}
