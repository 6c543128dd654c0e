import type { FastifyRequest } from 'fastify';
import { PanelvecError } from '../../errors.ts';
import { assertBounded } from '../json-body.ts';
import { decodeDataUri } from './data-uri.ts';
import { type Form, type FormFile, type FormLimits, REQUEST_PART, readForm, unknownField } from './form.ts';

/** Images that a request's JSON names: data URIs, or file parts of a form. */
export interface RequestImages {
  /** The bytes of one. @throws PanelvecError naming `param` */
  take(name: string | undefined, param: string): Buffer;
  /** What nobody took is refused, so that a typing error is not lost. @throws PanelvecError naming the part */
  assertAllTaken(): void;
}

export interface RequestWithImages {
  readonly body: unknown;
  readonly images: RequestImages;
}

export interface RequestLimits extends FormLimits {
  readonly maxJsonValues: number;
}

/** A JSON body, or a form whose part `request` holds the JSON. @throws PanelvecError */
export async function readRequest(request: FastifyRequest, limits: RequestLimits): Promise<RequestWithImages> {
  if (!request.isMultipart()) return { body: request.body, images: dataUriImages(limits.maxImageBytes) };
  const form = await readForm(request, limits);
  return { body: parseRequestPart(form, limits.maxJsonValues), images: new FormImages(form.files) };
}

function dataUriImages(maxImageBytes: number): RequestImages {
  return {
    take(uri, param) {
      if (uri === undefined) throw new PanelvecError('invalid_request', `${param}: the image is missing`, { param });
      return decodeDataUri(uri, param, maxImageBytes);
    },
    assertAllTaken() {},
  };
}

/** As a field or as a file: curl's `-F request=@page.json` sends the latter. */
function parseRequestPart({ fields, files }: Form, maxJsonValues: number): unknown {
  const { [REQUEST_PART]: field, ...others } = fields;
  const extra = Object.keys(others)[0];
  if (extra !== undefined) throw unknownField(extra);
  const asFiles = files.filter((file) => file.name === REQUEST_PART).map((file) => file.bytes.toString('utf8'));
  const [text, another] = field === undefined ? asFiles : [field, ...asFiles];
  if (text === undefined || another !== undefined) {
    const problem = text === undefined ? 'the part is missing' : 'the part is given twice';
    throw new PanelvecError('invalid_request', problem, { param: REQUEST_PART });
  }
  assertBounded(text, maxJsonValues);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PanelvecError('invalid_json', `request: ${(cause as Error).message}`, { param: REQUEST_PART, cause });
  }
}

/** Where a request names no part, its image is the part `image`. */
const DEFAULT_PART = 'image';

class FormImages implements RequestImages {
  readonly #files: readonly FormFile[];
  readonly #taken = new Set<string>([REQUEST_PART]);

  constructor(files: readonly FormFile[]) {
    this.#files = files;
  }

  take(name = DEFAULT_PART, param: string): Buffer {
    const found = this.#files.filter((file) => file.name === name);
    const problem = found.length === 0 ? `there is no file part "${name}"` : `the part "${name}" is given twice`;
    if (found.length !== 1) throw new PanelvecError('invalid_request', problem, { param });
    this.#taken.add(name);
    return found[0]!.bytes;
  }

  assertAllTaken(): void {
    const left = this.#files.find((file) => !this.#taken.has(file.name));
    if (left) throw unknownField(left.name);
  }
}
