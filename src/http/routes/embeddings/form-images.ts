import { PanelvecError } from '../../../errors.ts';
import { isHttpUrl } from '../../../image-urls/image-url.ts';
import { REQUEST_PART } from '../../body/form-part.ts';
import { type MultipartFile, unknownFieldError } from '../../body/multipart-form.ts';
import type { RequestImage, RequestImages } from './request-images.ts';

/** The part of an image that the request does not name */
const DEFAULT_PART = 'image';

/** The images of a form: file parts, which the JSON in the part `request` names. */
export class FormImages implements RequestImages {
  readonly #files: readonly MultipartFile[];
  readonly #usedNames = new Set<string>([REQUEST_PART]);

  constructor(files: readonly MultipartFile[]) {
    this.#files = files;
  }

  async fetchUrls(): Promise<void> {}

  take(name = DEFAULT_PART, param: string): Buffer {
    if (name.startsWith('data:') || isHttpUrl(name)) {
      const message = 'a form takes the name of a file part here, no data URI and no URL';
      throw new PanelvecError('invalid_request', message, { param });
    }
    const [file, duplicate] = this.#files.filter((candidate) => candidate.name === name);
    if (file === undefined) throw new PanelvecError('invalid_request', `there is no file part "${name}"`, { param });
    if (duplicate) throw new PanelvecError('invalid_request', `the part "${name}" is given twice`, { param });
    this.#usedNames.add(name);
    return file.bytes;
  }

  isGiven(name: string | undefined): boolean {
    return name !== undefined || this.#files.some((file) => file.name === DEFAULT_PART);
  }

  takeOptional(name: string | undefined, param: string): Buffer | undefined {
    return this.isGiven(name) ? this.take(name, param) : undefined;
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
