import type { FastifyReply, FastifyRequest } from 'fastify';
import { PanelvecError } from '../../../errors.ts';
import type { Services } from '../../../services.ts';
import { REQUEST_PART } from '../../body/form-part.ts';
import { parseJsonBytes } from '../../body/json-body.ts';
import { type MultipartFile, MultipartForm, unknownFieldError } from '../../body/multipart-form.ts';
import { FormImages } from './form-images.ts';
import { JsonImages } from './json-images.ts';
import type { RequestImages } from './request-images.ts';

export interface RequestWithImages {
  readonly body: unknown;
  readonly images: RequestImages;
  /** The fields of a form beside the request */
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads a JSON body, or a form whose part `request` holds the JSON. @throws PanelvecError */
export function readRequestWithImages(
  { body }: FastifyRequest,
  reply: FastifyReply,
  services: Pick<Services, 'config' | 'imageFetcher'>,
): RequestWithImages {
  if (!(body instanceof MultipartForm)) return { body, images: new JsonImages(reply, services), fields: {} };
  const { files, fields } = body;
  return { body: parseRequestPart(files, services.config.maxJsonValues), images: new FormImages(files), fields };
}

/** Refuses fields beside the request, for calls whose options are all in it. @throws PanelvecError naming the first */
export function assertNoFields(fields: Readonly<Record<string, string>>): void {
  const [unknownName] = Object.keys(fields);
  if (unknownName !== undefined) throw unknownFieldError(unknownName, 'options stand in the part "request"');
}

/** Parses the JSON of a form, which is a field or a file: curl's `-F request=@page.json` sends the latter. */
function parseRequestPart(files: readonly MultipartFile[], maxJsonValues: number): unknown {
  const [part, duplicate] = files.filter((file) => file.name === REQUEST_PART);
  if (part === undefined || duplicate !== undefined) {
    const problem = part === undefined ? 'the part is missing' : 'the part is given twice';
    throw new PanelvecError('invalid_request', problem, { param: REQUEST_PART });
  }
  return parseJsonBytes(part.bytes, { maxValues: maxJsonValues, param: REQUEST_PART });
}
