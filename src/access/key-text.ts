import { createHash, randomBytes } from 'node:crypto';

/** How every key begins, so that scanners of secrets find it and people see what it is for. */
const KEY_PREFIX = 'pv_';
const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LENGTH = 12;
const SECRET_BYTES = 32;
const KEY = /^pv_([a-z2-7]{12})_([\w-]{43})$/;

export interface KeyParts {
  /** Tells keys apart. No secret */
  readonly id: string;
  readonly secret: string;
}

/** Makes the parts of a new key: 60 random bits of an id, and 256 of a secret. */
export function makeKey(): KeyParts {
  const id = Array.from(randomBytes(ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
  return { id, secret: randomBytes(SECRET_BYTES).toString('base64url') };
}

export function formatKey({ id, secret }: KeyParts): string {
  return `${KEY_PREFIX}${id}_${secret}`;
}

/** Whether a text means to be a key of a panelvec service. */
export function isKeyOfPanelvec(text: string): boolean {
  return text.startsWith(KEY_PREFIX);
}

export function parseKey(text: string): KeyParts | undefined {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/**
 * Sixteen bits of a hash of a secret. They are stored beside the slow hash, and refuse all but one guess in 65,536 before it
 * runs, so that guesses cost the service nothing. 240 bits of the secret stay unknown to who reads them.
 */
export function secretTag(secret: string): number {
  return createHash('sha256').update(`tag:${secret}`).digest().readUInt16BE();
}
