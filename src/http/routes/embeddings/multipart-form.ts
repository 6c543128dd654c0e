import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { PanelvecError } from '../../../errors.ts';
import { assertItemCount } from '../../validation.ts';

export interface MultipartFile {
  /** Name of the part */
  readonly name: string;
  readonly bytes: Buffer;
}

export interface MultipartForm {
  readonly files: readonly MultipartFile[];
  readonly fields: Readonly<Record<string, string>>;
}

/** The part that holds the JSON of a request whose images come as files. */
export const REQUEST_PART = 'request';

export interface MultipartLimits {
  readonly maxItems: number;
  readonly maxImageBytes: number;
  readonly maxBodyBytes: number;
}

/** Reads a whole multipart body. @throws PanelvecError */
export async function readMultipartForm(request: FastifyRequest, limits: MultipartLimits): Promise<MultipartForm> {
  try {
    const form = await Promise.race([rejectOversizedBody(request, limits.maxBodyBytes), readParts(request, limits)]);
    const imageCount = form.files.filter((file) => file.name !== REQUEST_PART).length;
    assertItemCount(imageCount, limits.maxItems);
    return form;
  } catch (error) {
    // The rest of the body is read and thrown away: unread, it would block the connection for ever.
    request.raw.unpipe();
    request.raw.resume();
    throw toMultipartError(error);
  }
}

async function readParts(request: FastifyRequest, limits: MultipartLimits): Promise<MultipartForm> {
  const files: MultipartFile[] = [];
  const fields: Record<string, string> = Object.create(null);
  const busboy = { files: limits.maxItems + 2, fileSize: limits.maxImageBytes, fieldSize: limits.maxBodyBytes };
  for await (const part of request.parts({ limits: busboy })) {
    const { fieldname: name } = part;
    if (part.type === 'file') files.push({ name, bytes: await part.toBuffer() });
    else if (name in fields) throw new PanelvecError('invalid_request', 'the field is given twice', { param: name });
    // The plugin has parsed a part whose media type is JSON.
    else fields[name] = typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
  }
  return { files, fields };
}

/** Rejects when the whole body, with everything between its parts, exceeds the limit. Never resolves. */
function rejectOversizedBody(request: FastifyRequest, maxBodyBytes: number): Promise<never> {
  return new Promise((_, reject) => {
    let received = 0;
    request.raw.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (received > maxBodyBytes)
        reject(new PanelvecError('body_too_large', `the body is over ${maxBodyBytes} bytes`));
    });
  });
}

/** Errors of Busboy about a broken body have no code; ours and those of the plugin have. */
function toMultipartError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PanelvecError) return error;
  const { code, part }: Error & { code?: string; part?: { fieldname?: string } } = error;
  if (code === 'FST_REQ_FILE_TOO_LARGE') {
    return new PanelvecError('image_too_large', 'the file is too large', { param: part?.fieldname, cause: error });
  }
  if (code?.startsWith('FST_')) return error;
  return new PanelvecError('invalid_multipart', `the multipart body is broken: ${error.message}`, { cause: error });
}

export function unknownFieldError(name: string): PanelvecError {
  return new PanelvecError('invalid_request', 'unknown field', { param: name });
}
