import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { WrongContentError } from './hub-error.ts';

const READ_CHUNK_BYTES = 2 ** 20;

/** Size and checksum of a file, according to the hub. */
export interface ExpectedContent {
  readonly bytes: number;
  /** SHA-256 of the content for large files, SHA-1 of the git blob for others, in hexadecimal digits */
  readonly checksum: string;
}

/** The checksum in an ETag; undefined if the ETag is something else. */
export function checksumFromEtag(etag: string): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?$/i.exec(etag)?.[1]?.toLowerCase();
}

/** Compares a file with the hub's size and checksum. @returns its SHA-256. @throws WrongContentError naming both values */
export async function verifyFile(
  file: string,
  { bytes, checksum }: ExpectedContent,
  signal: AbortSignal,
): Promise<string> {
  const { size } = await stat(file);
  if (size !== bytes) throw new WrongContentError(`it has ${size} bytes, the hub says ${bytes}`);
  const sha256 = createHash('sha256');
  const gitSha1 = checksum.length === 40 ? createHash('sha1').update(`blob ${bytes}\0`) : undefined;
  for await (const chunk of createReadStream(file, { highWaterMark: READ_CHUNK_BYTES, signal })) {
    sha256.update(chunk);
    gitSha1?.update(chunk);
  }
  const digest = sha256.digest('hex');
  const [name, actual] = gitSha1 === undefined ? ['SHA-256', digest] : ['git SHA-1', gitSha1.digest('hex')];
  if (actual !== checksum) throw new WrongContentError(`it has the ${name} ${actual}, the hub says ${checksum}`);
  return digest;
}
