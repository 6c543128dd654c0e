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

/** The part that holds the JSON of a call, where its images come as files. */
export const REQUEST_PART = 'request';

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
  const busboy = { files: limits.maxItems + 2, fileSize: limits.maxImageBytes, fieldSize: limits.maxBodyBytes };
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
  const images = files.filter((file) => file.name !== REQUEST_PART).length;
  if (images > limits.maxItems) throw tooMany(images, limits.maxItems);
  return { files, fields };
}

export function tooMany(items: number, limit: number, param?: string): PanelvecError {
  return new PanelvecError('too_many_items', `${items} items, over ${limit} of one request`, { param });
}

export function unknownField(name: string): PanelvecError {
  return new PanelvecError('invalid_request', `${name}: unknown field`, { param: name });
}
