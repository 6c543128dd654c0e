import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';
import { PanelvecError } from '../../errors.ts';
import { assertItemCount } from '../validation.ts';
import { FormPart, type PartHeaders, type PartLimits, REQUEST_PART } from './form-part.ts';
import { assertCharset } from './media-type.ts';
import { bodyTooLargeError, limitedChunks } from './read-bytes.ts';

export interface MultipartFile {
  /** Name of the part */
  readonly name: string;
  readonly bytes: Buffer;
}

export interface MultipartLimits extends PartLimits {
  readonly maxItems: number;
  readonly maxBodyBytes: number;
}

const MAX_FORM_PARTS = 2048;
/** By RFC 7578 the value of this field is the charset of the others. */
const CHARSET_FIELD = '_charset_';

/** The body of a request that is a form. The part `request` is among the files, also where it is a field. */
export class MultipartForm {
  readonly files: readonly MultipartFile[];
  readonly fields: Readonly<Record<string, string>>;

  constructor(files: readonly MultipartFile[], fields: Readonly<Record<string, string>>) {
    this.files = files;
    this.fields = fields;
  }
}

/** Reads a whole multipart body. @throws PanelvecError */
export async function readMultipartForm(
  payload: Readable,
  boundary: string | undefined,
  limits: MultipartLimits,
): Promise<MultipartForm> {
  if (boundary === undefined || boundary === '')
    throw new PanelvecError('invalid_multipart', 'the content type names no boundary: let your client set this header');
  return toForm(await readParts(payload, boundary, limits));
}

async function readParts(payload: Readable, boundary: string, limits: MultipartLimits): Promise<FormPart[]> {
  const { maxBodyBytes, maxItems } = limits;
  const parser = new Dicer({ boundary });
  const parts: FormPart[] = [];
  let failure: unknown;
  // Of errors in the listeners the first is kept: thrown there, it would end the process.
  const guard = (work: () => void) => {
    try {
      if (failure === undefined) work();
    } catch (error) {
      failure = error;
    }
  };
  parser.on('part', (stream) => {
    let part: FormPart | undefined;
    stream.on('header', (headers) =>
      guard(() => {
        part = new FormPart(headers as PartHeaders, parts.length + 1, limits);
        parts.push(part);
        if (parts.length > MAX_FORM_PARTS) throw new PanelvecError('invalid_multipart', 'too many parts');
        assertItemCount(parts.filter(({ isFile }) => isFile).length, maxItems);
      }),
    );
    stream.on('data', (chunk) => guard(() => part?.append(chunk as Buffer)));
    // The parser reports the same error itself.
    stream.on('error', () => {});
  });
  const finished = once(parser, 'finish');
  finished.catch(() => {});
  const tooLargeError = () => bodyTooLargeError(maxBodyBytes);
  for await (const chunk of limitedChunks(payload, { maxBytes: maxBodyBytes, tooLargeError })) {
    parser.write(chunk);
    if (failure !== undefined) throw failure;
  }
  parser.end();
  await finished.catch((cause: Error) => {
    throw new PanelvecError('invalid_multipart', `the multipart body is broken: ${cause.message}`, { cause });
  });
  if (failure !== undefined) throw failure;
  return parts;
}

function toForm(parts: readonly FormPart[]): MultipartForm {
  const files: MultipartFile[] = [];
  const fields: Record<string, string> = Object.create(null);
  for (const part of parts) {
    const { name } = part;
    const bytes = part.takeBytes();
    if (name === REQUEST_PART) part.assertCharset(bytes);
    if (name === REQUEST_PART || part.isFile || part.isUntypedImage(bytes)) files.push({ name, bytes });
    else if (name === CHARSET_FIELD) assertCharset({ charset: part.decodeValue(bytes) }, name);
    else if (name in fields) throw new PanelvecError('invalid_request', 'the field is given twice', { param: name });
    else fields[name] = part.decodeValue(bytes);
  }
  return new MultipartForm(files, fields);
}

/** @param remedy what the form may have */
export function unknownFieldError(name: string, remedy: string): PanelvecError {
  return new PanelvecError('invalid_request', `unknown field "${name.slice(0, 64)}": ${remedy}`, { param: name });
}
