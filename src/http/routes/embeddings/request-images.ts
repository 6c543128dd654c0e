import type { FastifyRequest } from 'fastify';
import { firstLine, PanelvecError } from '../../../errors.ts';
import { assertJsonLimits } from '../../json-limits.ts';
import { decodeDataUri } from './data-uri.ts';
import {
  type MultipartFile,
  type MultipartForm,
  type MultipartLimits,
  REQUEST_PART,
  readMultipartForm,
  unknownFieldError,
} from './multipart-form.ts';

/** The images that the JSON of a request names: data URIs, or file parts of a form. */
export interface RequestImages {
  /** The bytes of an image. @throws PanelvecError naming `param` */
  take(name: string | undefined, param: string): Buffer;
  /** Refuses a file that nobody took, so that a misspelt name is noticed. @throws PanelvecError naming the part */
  assertAllUsed(): void;
}

export interface RequestWithImages {
  readonly body: unknown;
  readonly images: RequestImages;
}

export interface RequestLimits extends MultipartLimits {
  readonly maxJsonValues: number;
}

/** Reads a JSON body, or a form whose part `request` holds the JSON. @throws PanelvecError */
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

/** Parses the JSON of a form, which is a field or a file: curl's `-F request=@page.json` sends the latter. */
function parseRequestPart({ fields, files }: MultipartForm, maxJsonValues: number): unknown {
  const { [REQUEST_PART]: field, ...others } = fields;
  const [unknownName] = Object.keys(others);
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
    throw new PanelvecError('invalid_json', firstLine(cause), { param: REQUEST_PART, cause });
  }
}

/** The part of an image that the request does not name */
const DEFAULT_PART = 'image';

class MultipartImages implements RequestImages {
  readonly #files: readonly MultipartFile[];
  readonly #usedNames = new Set<string>([REQUEST_PART]);

  constructor(files: readonly MultipartFile[]) {
    this.#files = files;
  }

  take(name = DEFAULT_PART, param: string): Buffer {
    const [file, duplicate] = this.#files.filter((candidate) => candidate.name === name);
    if (file === undefined) throw new PanelvecError('invalid_request', `there is no file part "${name}"`, { param });
    if (duplicate) throw new PanelvecError('invalid_request', `the part "${name}" is given twice`, { param });
    this.#usedNames.add(name);
    return file.bytes;
  }

  assertAllUsed(): void {
    const unusedFile = this.#files.find((file) => !this.#usedNames.has(file.name));
    if (unusedFile) throw unknownFieldError(unusedFile.name);
  }
}
