import type { IncomingMessage } from 'node:http';
import { PanelvecError } from '../errors.ts';

export interface ImageBodyLimits {
  readonly maxBytes: number;
  /** Is told of the bytes received so far, and of those that are announced. What it throws ends the download. */
  readonly countBytes: (bytes: number) => void;
}

/** Reads the body of a response up to a limit. @throws PanelvecError image_fetch_failed, image_too_large; what `countBytes` throws */
export async function readImageBody(response: IncomingMessage, limits: ImageBodyLimits): Promise<Buffer> {
  const { statusCode, headers } = response;
  try {
    if (statusCode !== 200)
      throw new PanelvecError('image_fetch_failed', `the host responds with the status ${statusCode}`);
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding.trim().toLowerCase() !== 'identity')
      throw new PanelvecError('image_fetch_failed', 'the host compresses the image, which was not asked for');
    return await readBytes(response, limits);
  } finally {
    response.destroy();
  }
}

async function readBytes(response: IncomingMessage, { maxBytes, countBytes }: ImageBodyLimits): Promise<Buffer> {
  const announcedBytes = Number(response.headers['content-length'] ?? 0);
  if (announcedBytes > maxBytes) throw tooLargeError(maxBytes);
  if (announcedBytes > 0) countBytes(announcedBytes);
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  for await (const chunk of closedEarlyAsError(response)) {
    receivedBytes += chunk.byteLength;
    if (receivedBytes > maxBytes) throw tooLargeError(maxBytes);
    countBytes(receivedBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* closedEarlyAsError(response: IncomingMessage): AsyncGenerator<Buffer, void> {
  try {
    yield* response;
  } catch (cause) {
    throw new PanelvecError('image_fetch_failed', 'the host ended the connection before the image was whole', {
      cause,
    });
  }
}

function tooLargeError(maxBytes: number): PanelvecError {
  return new PanelvecError('image_too_large', `the image has over ${maxBytes} bytes`);
}
