import type { FastifyRequest } from 'fastify';
import { PanelvecError } from '../../../errors.ts';
import { REQUEST_PART } from '../../body/form-part.ts';
import { parseJsonBytes } from '../../body/json-body.ts';
import { type MultipartFile, MultipartForm, unknownFieldError } from '../../body/multipart-form.ts';
import { decodeDataUri } from './data-uri.ts';

/** An image with its path in the request, for errors. */
export interface RequestImage {
  readonly bytes: Buffer;
  readonly field: string;
}

/** The images that the JSON of a request names: data URIs, or file parts of a form. */
export interface RequestImages {
  /** The bytes of an image. @throws PanelvecError naming `param` */
  take(name: string | undefined, param: string): Buffer;
  /** The bytes of an image that a request may leave out; of a form that names none, the part `image`. @throws PanelvecError naming `param` */
  takeOptional(name: string | undefined, param: string): Buffer | undefined;
  /** The images of a list; of a form that has no list, all parts `image`. @throws PanelvecError naming `param` */
  takeList(names: readonly string[] | undefined, param: string): RequestImage[];
  /** Refuses a file that nobody took, so that a misspelt name is noticed. @throws PanelvecError naming the part */
  assertAllUsed(): void;
}

export interface RequestWithImages {
  readonly body: unknown;
  readonly images: RequestImages;
  /** The fields of a form beside the request */
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads a JSON body, or a form whose part `request` holds the JSON. @throws PanelvecError */
export function readRequestWithImages(
  { body }: FastifyRequest,
  { maxImageBytes, maxJsonValues }: { readonly maxImageBytes: number; readonly maxJsonValues: number },
): RequestWithImages {
  if (!(body instanceof MultipartForm)) return { body, images: dataUriImages(maxImageBytes), fields: {} };
  const { files, fields } = body;
  return { body: parseRequestPart(files, maxJsonValues), images: new MultipartImages(files), fields };
}

/** Refuses fields beside the request, for calls whose options are all in it. @throws PanelvecError naming the first */
export function assertNoFields(fields: Readonly<Record<string, string>>): void {
  const [unknownName] = Object.keys(fields);
  if (unknownName !== undefined) throw unknownFieldError(unknownName, 'options stand in the part "request"');
}

function dataUriImages(maxImageBytes: number): RequestImages {
  return {
    take(uri, param) {
      if (uri === undefined) throw new PanelvecError('invalid_request', 'the image is missing', { param });
      return decodeDataUri(uri, param, maxImageBytes);
    },
    takeOptional(uri, param) {
      return uri === undefined ? undefined : this.take(uri, param);
    },
    takeList(uris, param) {
      if (uris === undefined) throw new PanelvecError('invalid_request', 'the images are missing', { param });
      return uris.map((uri, i) => ({ bytes: this.take(uri, `${param}[${i}]`), field: `${param}[${i}]` }));
    },
    assertAllUsed() {},
  };
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

/** The part of an image that the request does not name */
const DEFAULT_PART = 'image';

class MultipartImages implements RequestImages {
  readonly #files: readonly MultipartFile[];
  readonly #usedNames = new Set<string>([REQUEST_PART]);

  constructor(files: readonly MultipartFile[]) {
    this.#files = files;
  }

  take(name = DEFAULT_PART, param: string): Buffer {
    if (name.startsWith('data:'))
      throw new PanelvecError('invalid_request', 'a form takes the name of a file part here, no data URI', { param });
    const [file, duplicate] = this.#files.filter((candidate) => candidate.name === name);
    if (file === undefined) throw new PanelvecError('invalid_request', `there is no file part "${name}"`, { param });
    if (duplicate) throw new PanelvecError('invalid_request', `the part "${name}" is given twice`, { param });
    this.#usedNames.add(name);
    return file.bytes;
  }

  takeOptional(name: string | undefined, param: string): Buffer | undefined {
    if (name === undefined && this.#files.every((file) => file.name !== DEFAULT_PART)) return undefined;
    return this.take(name, param);
  }

  takeList(names: readonly string[] | undefined, param: string): RequestImage[] {
    if (names !== undefined)
      return names.map((name, i) => ({ bytes: this.take(name, `${param}[${i}]`), field: `${param}[${i}]` }));
    const files = this.#files.filter((file) => file.name === DEFAULT_PART);
    if (files.length === 0) {
      const message = `give "${param}" in the part "${REQUEST_PART}", or at least one part "${DEFAULT_PART}"`;
      throw new PanelvecError('invalid_request', message, { param });
    }
    this.#usedNames.add(DEFAULT_PART);
    return files.map(({ bytes }, i) => ({ bytes, field: `${DEFAULT_PART}[${i}]` }));
  }

  assertAllUsed(): void {
    const unusedFile = this.#files.find((file) => !this.#usedNames.has(file.name));
    if (unusedFile) throw unknownFieldError(unusedFile.name, 'no image of the part "request" has this name');
  }
}
