import { createHash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** The SHA-256 of a value as JSON, in hexadecimal digits. The order of keys does not count. */
export function hashJson(content: object): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
