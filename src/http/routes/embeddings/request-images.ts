/** An image with its path in the request, for errors. */
export interface RequestImage {
  readonly bytes: Buffer;
  readonly field: string;
}

/** How the JSON of a request names an image, and in which field; undefined where it has none. */
export interface ImageName {
  readonly name: string | undefined;
  readonly param: string;
}

/** The images that the JSON of a request names: data URIs and URLs, or file parts of a form. */
export interface RequestImages {
  /**
   * Fetches the images that are named by URLs, if all data URIs can be read. Only after it the other functions have them: call it when
   * the rest of the request is checked, but for what the database, the quota or the engine must be asked for. @throws PanelvecError
   * naming the field
   */
  fetchUrls(names: readonly ImageName[], signal: AbortSignal): Promise<void>;
  /** The bytes of an image. @throws PanelvecError naming `param` */
  take(name: string | undefined, param: string): Buffer;
  /** Whether a request has the image that it may leave out. It is not fetched for this. */
  isGiven(name: string | undefined): boolean;
  /** The bytes of an image that a request may leave out; of a form that names none, the part `image`. @throws PanelvecError naming `param` */
  takeOptional(name: string | undefined, param: string): Buffer | undefined;
  /** The images of a list; of a form that has no list, all parts `image`. @throws PanelvecError naming `param` */
  takeList(names: readonly string[] | undefined, param: string): RequestImage[];
  /** Refuses a file that nobody took, so that a misspelt name is noticed. @throws PanelvecError naming the part */
  assertAllUsed(): void;
}

/** The names of a list, with the fields that they stand in. */
export function toImageNames(names: readonly string[] | undefined, param: string): ImageName[] {
  return (names ?? []).map((name, i) => ({ name, param: `${param}[${i}]` }));
}
