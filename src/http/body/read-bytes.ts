import type { Readable } from 'node:stream';
import { PanelvecError } from '../../errors.ts';
import type { ContentHash } from './content-hash.ts';

/** A bound of the bytes of a body, and the error for more. */
export interface ByteLimit {
  readonly maxBytes: number;
  readonly tooLargeError: () => PanelvecError;
}

export function bodyTooLargeError(maxBytes: number): PanelvecError {
  return new PanelvecError('body_too_large', `the body has over ${maxBytes} bytes: send several requests`);
}

/** Reads a whole body. @throws PanelvecError as `limitedChunks` */
export async function readBytes(payload: Readable, limit: ByteLimit, hash?: ContentHash): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of limitedChunks(payload, limit)) {
    hash?.update(chunk);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The chunks of a body up to a bound. What follows stays unread, and the stream open: the response must still reach the
 * client. @throws PanelvecError that of the limit, or request_cancelled where the client goes away
 */
export async function* limitedChunks(
  payload: Readable,
  { maxBytes, tooLargeError }: ByteLimit,
): AsyncGenerator<Buffer, void> {
  let receivedBytes = 0;
  try {
    for await (const chunk of payload.iterator({ destroyOnReturn: false })) {
      receivedBytes += chunk.length;
      if (receivedBytes > maxBytes) throw tooLargeError();
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof PanelvecError) throw cause;
    throw new PanelvecError('request_cancelled', 'the client went away while it sent the request', { cause });
  }
}
