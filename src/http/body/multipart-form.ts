import { Readable } from 'node:stream';
import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { firstLine, PanelvecError } from '../../errors.ts';
import { assertItemCount } from '../validation.ts';
import type { ContentHash } from './content-hash.ts';
import { FormPart, type PartLimits, REQUEST_PART } from './form-part.ts';
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

interface FormOptions extends MultipartLimits {
  readonly boundary: string | undefined;
  readonly hash: ContentHash | undefined;
}

const MAX_FORM_PARTS = 2048;
/** By RFC 7578 the value of this field is the charset of the others. */
const CHARSET_FIELD = '_charset_';

/** RFC 2046 allows 70. With over 252 the parser would fail with a message that says nothing to its reader. */
const MAX_BOUNDARY_CHARACTERS = 200;

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
  request: FastifyRequest,
  payload: Readable,
  options: FormOptions,
): Promise<MultipartForm> {
  const { boundary } = options;
  if (boundary === undefined || boundary === '')
    throw new PanelvecError('invalid_multipart', 'the content type names no boundary: let your client set this header');
  if (boundary.length > MAX_BOUNDARY_CHARACTERS)
    throw new PanelvecError(
      'invalid_multipart',
      `the boundary of the content type has over ${MAX_BOUNDARY_CHARACTERS} characters`,
    );
  try {
    return toForm(await readParts(request, payload, options));
  } catch (error) {
    throw toFormError(error);
  }
}

async function readParts(request: FastifyRequest, payload: Readable, form: FormOptions): Promise<FormPart[]> {
  const { maxBodyBytes, maxItems, maxImageBytes, maxJsonBytes, hash } = form;
  const parts: FormPart[] = [];
  const options = {
    // As files, parts come as bytes: fields would be decoded, with U+FFFD for what is wrong.
    isPartAFile: () => true,
    limits: { parts: MAX_FORM_PARTS, fileSize: Math.max(maxImageBytes, maxJsonBytes) + 1 },
    throwFileSizeLimit: false,
  };
  for await (const file of withBody(request, payload, maxBodyBytes).parts(options)) {
    if (file.type !== 'file') continue;
    const part = new FormPart(file, parts.length + 1, form);
    parts.push(part);
    hash?.update(part.name);
    assertItemCount(parts.filter(({ isFile }) => isFile).length, maxItems);
    for await (const chunk of file.file) {
      part.append(chunk);
      hash?.update(chunk);
    }
  }
  return parts;
}

/** The request with a body that is decompressed and bounded: the plugin reads `raw`, which is neither. */
function withBody(request: FastifyRequest, payload: Readable, maxBodyBytes: number): FastifyRequest {
  const tooLargeError = () => bodyTooLargeError(maxBodyBytes);
  const body = Readable.from(limitedChunks(payload, { maxBytes: maxBodyBytes, tooLargeError }), { objectMode: false });
  const raw = Object.assign(body, { headers: request.headers });
  return Object.create(request, { raw: { value: raw }, isMultipart: { value: () => true } });
}

/** Errors of the plugin are about the form, and not for its callers: some name its options. */
function toFormError(cause: unknown): unknown {
  if (cause instanceof PanelvecError) return cause;
  return new PanelvecError('invalid_multipart', `the multipart body is broken: ${firstLine(cause)}`, { cause });
}

function toForm(parts: readonly FormPart[]): MultipartForm {
  const files: MultipartFile[] = [];
  const fields: Record<string, string> = Object.create(null);
  for (const part of parts) {
    const { name } = part;
    const bytes = part.takeBytes();
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
