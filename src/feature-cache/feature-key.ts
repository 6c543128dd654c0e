import { createHash } from 'node:crypto';

/**
 * Key of the features that an encoder computes from its inputs: 32 bytes, equal where the encoder and all inputs are equal.
 * The type, length and position of an input count, so ['ab', 'c'] and ['a', 'bc'], or 1 and '1', have different keys.
 */
export function featureKey(encoderFingerprint: string, inputs: readonly (string | Uint8Array | number)[]): Buffer {
  const hash = createHash('sha256');
  for (const input of [encoderFingerprint, ...inputs]) {
    const [typeTag, bytes] = encodeInput(input);
    const header = Buffer.alloc(9);
    header.write(typeTag, 'latin1');
    header.writeBigUInt64LE(BigInt(bytes.byteLength), 1);
    hash.update(header).update(bytes);
  }
  return hash.digest();
}

function encodeInput(input: string | Uint8Array | number): [type: string, bytes: Uint8Array] {
  // UTF-16, because in UTF-8 all lone surrogates become the same character.
  if (typeof input === 'string') return ['s', Buffer.from(input, 'utf16le')];
  if (typeof input !== 'number') return ['b', input];
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(input);
  return ['n', bytes];
}
