import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { PanelvecError } from '../../errors.ts';

export interface FormFile {
  /** Name of the part */
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Form {
  readonly files: readonly FormFile[];
  readonly fields: Readonly<Record<string, string>>;
}

export interface FormLimits {
  readonly maxItems: number;
  readonly maxImageBytes: number;
  readonly maxBodyBytes: number;
}

/** Reads a whole multipart body. @throws PanelvecError */
export async function readForm(request: FastifyRequest, limits: FormLimits): Promise<Form> {
  const files: FormFile[] = [];
  const fields: Record<string, string> = Object.create(null);
  let total = 0;
  const count = (bytes: number) => {
    total += bytes;
    if (total > limits.maxBodyBytes)
      throw new PanelvecError('body_too_large', `the body is over ${limits.maxBodyBytes} bytes`);
  };
  const busboy = { files: limits.maxItems + 1, fileSize: limits.maxImageBytes, fieldSize: limits.maxBodyBytes };
  try {
    for await (const part of request.parts({ limits: busboy })) {
      if (part.type === 'file') {
        const bytes = await part.toBuffer();
        count(bytes.length);
        files.push({ name: part.fieldname, bytes });
      } else {
        const value = String(part.value);
        if (part.fieldname in fields)
          throw new PanelvecError('invalid_request', 'the field is given twice', { param: part.fieldname });
        if (part.valueTruncated)
          throw new PanelvecError('body_too_large', 'the field is too long', { param: part.fieldname });
        count(value.length);
        fields[part.fieldname] = value;
      }
    }
  } catch (error) {
    // Busboy's own errors about a broken body are plain; ours and the plugin's have codes.
    if (error instanceof PanelvecError || (error as NodeJS.ErrnoException).code?.startsWith('FST_')) throw error;
    throw new PanelvecError('invalid_multipart', `the multipart body is broken: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (files.length > limits.maxItems) throw tooMany(files.length, limits.maxItems);
  return { files, fields };
}

export function tooMany(items: number, limit: number, param?: string): PanelvecError {
  return new PanelvecError('too_many_items', `${items} items, over ${limit} of one request`, { param });
}

/** The JSON of the part named `request`. @throws PanelvecError */
export function formRequest({ fields }: Form): unknown {
  const { request, ...others } = fields;
  const extra = Object.keys(others)[0];
  if (extra !== undefined) throw new PanelvecError('invalid_request', `${extra}: unknown field`, { param: extra });
  if (request === undefined) throw new PanelvecError('invalid_request', 'the part is missing', { param: 'request' });
  try {
    return JSON.parse(request);
  } catch (cause) {
    throw new PanelvecError('invalid_json', `request: ${(cause as Error).message}`, { param: 'request', cause });
  }
}

/** The file of a part by name, which must be there exactly once. @throws PanelvecError naming `param` */
export function formFile({ files }: Form, name: string, param: string): Buffer {
  const found = files.filter((file) => file.name === name);
  if (found.length === 1) return found[0]!.bytes;
  const problem = found.length === 0 ? `there is no file part "${name}"` : `the part "${name}" is given twice`;
  throw new PanelvecError('invalid_request', problem, { param });
}
