import { crc32 } from 'node:zlib';
import { isFiniteVector } from '../util/vectors.ts';

/** The last byte is the version. It is raised when the format of a record changes; older records are then misses. */
const MAGIC = Buffer.from('pvf\x01', 'latin1');
const HEADER_BYTES = 12;

/**
 * Encodes a vector for the store: magic with the version, number of elements, CRC-32 of key and payload, little-endian
 * float32.
 * @returns undefined for a vector with a NaN or an infinity: a computation that failed once must not be kept
 */
export function encodeRecord(key: Uint8Array, features: Float32Array): Buffer | undefined {
  if (!isFiniteVector(features)) return undefined;
  const record = Buffer.allocUnsafeSlow(HEADER_BYTES + features.byteLength);
  MAGIC.copy(record);
  record.writeUInt32LE(features.length, 4);
  record.set(new Uint8Array(features.buffer, features.byteOffset, features.byteLength), HEADER_BYTES);
  record.writeUInt32LE(checksum(key, record), 8);
  return record;
}

/**
 * Decodes a record to a copy of its vector.
 * @returns undefined for anything but what was stored under this key: a record that is cut short, changed, of another
 * version or width, or found under another key
 */
export function decodeRecord(key: Uint8Array, record: Uint8Array, width: number): Float32Array | undefined {
  const { byteOffset, byteLength } = record;
  if (byteLength !== HEADER_BYTES + width * Float32Array.BYTES_PER_ELEMENT) return undefined;
  const bytes = Buffer.from(record.buffer, byteOffset, byteLength);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || bytes.readUInt32LE(4) !== width) return undefined;
  if (bytes.readUInt32LE(8) !== checksum(key, bytes)) return undefined;
  const features = new Float32Array(width);
  new Uint8Array(features.buffer).set(bytes.subarray(HEADER_BYTES));
  return features;
}

function checksum(key: Uint8Array, record: Buffer): number {
  return crc32(record.subarray(HEADER_BYTES), crc32(key));
}
