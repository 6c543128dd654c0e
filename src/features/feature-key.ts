import { createHash } from 'node:crypto';

/**
 * Key of the features that an encoder makes of what it is fed: 32 bytes, equal exactly where the encoder and all parts
 * are. A part's type, length and place count, so ['ab', 'c'] and ['a', 'bc'], or 1 and '1', have different keys.
 */
export function featureKey(encoderFingerprint: string, fed: readonly (string | Uint8Array | number)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of [encoderFingerprint, ...fed]) {
    const [type, bytes] = typed(part);
    const header = Buffer.alloc(9);
    header.write(type, 'latin1');
    header.writeBigUInt64LE(BigInt(bytes.byteLength), 1);
    hash.update(header).update(bytes);
  }
  return hash.digest();
}

function typed(part: string | Uint8Array | number): [type: string, bytes: Uint8Array] {
  // UTF-16, because UTF-8 makes every lone surrogate the same.
  if (typeof part === 'string') return ['s', Buffer.from(part, 'utf16le')];
  if (typeof part !== 'number') return ['b', part];
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(part);
  return ['n', bytes];
}
