import type { FastifyRequest } from 'fastify';
import { PanelvecError } from '../../../errors.ts';
import { assertJsonLimits } from '../../plugins/json-parser.ts';
import { decodeDataUri } from './data-uri.ts';
import {
  type MultipartFile,
  type MultipartForm,
  type MultipartLimits,
  REQUEST_PART,
  readMultipartForm,
  unknownFieldError,
} from './multipart-form.ts';

/** Images that a request's JSON names: data URIs, or file parts of a form. */
export interface RequestImages {
  /** The bytes of one. @throws PanelvecError naming `param` */
  take(name: string | undefined, param: string): Buffer;
  /** What nobody took is refused, so that a typing error is not lost. @throws PanelvecError naming the part */
  assertAllUsed(): void;
}

export interface RequestWithImages {
  readonly body: unknown;
  readonly images: RequestImages;
}

export interface RequestLimits extends MultipartLimits {
  readonly maxJsonValues: number;
}

/** A JSON body, or a form whose part `request` holds the JSON. @throws PanelvecError */
export async function readRequestWithImages(
  request: FastifyRequest,
  limits: RequestLimits,
): Promise<RequestWithImages> {
  if (!request.isMultipart()) return { body: request.body, images: dataUriImages(limits.maxImageBytes) };
  const form = await readMultipartForm(request, limits);
  return { body: parseRequestPart(form, limits.maxJsonValues), images: new MultipartImages(form.files) };
}

function dataUriImages(maxImageBytes: number): RequestImages {
  return {
    take(uri, param) {
      if (uri === undefined) throw new PanelvecError('invalid_request', 'the image is missing', { param });
      return decodeDataUri(uri, param, maxImageBytes);
    },
    assertAllUsed() {},
  };
}

/** As a field or as a file: curl's `-F request=@page.json` sends the latter. */
function parseRequestPart({ fields, files }: MultipartForm, maxJsonValues: number): unknown {
  const { [REQUEST_PART]: field, ...others } = fields;
  const unknownName = Object.keys(others)[0];
  if (unknownName !== undefined) throw unknownFieldError(unknownName);
  const fileTexts = files.filter((file) => file.name === REQUEST_PART).map((file) => file.bytes.toString('utf8'));
  const [text, duplicate] = field === undefined ? fileTexts : [field, ...fileTexts];
  if (text === undefined || duplicate !== undefined) {
    const problem = text === undefined ? 'the part is missing' : 'the part is given twice';
    throw new PanelvecError('invalid_request', problem, { param: REQUEST_PART });
  }
  assertJsonLimits(text, maxJsonValues);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PanelvecError('invalid_json', (cause as Error).message, { param: REQUEST_PART, cause });
  }
}

/** Where a request names no part, its image is the part `image`. */
const DEFAULT_PART = 'image';

class MultipartImages implements RequestImages {
  readonly #files: readonly MultipartFile[];
  readonly #usedNames = new Set<string>([REQUEST_PART]);

  constructor(files: readonly MultipartFile[]) {
    this.#files = files;
  }

  take(name = DEFAULT_PART, param: string): Buffer {
    const matches = this.#files.filter((file) => file.name === name);
    const problem = matches.length === 0 ? `there is no file part "${name}"` : `the part "${name}" is given twice`;
    if (matches.length !== 1) throw new PanelvecError('invalid_request', problem, { param });
    this.#usedNames.add(name);
    return matches[0]!.bytes;
  }

  assertAllUsed(): void {
    const unusedFile = this.#files.find((file) => !this.#usedNames.has(file.name));
    if (unusedFile) throw unknownFieldError(unusedFile.name);
  }
}
