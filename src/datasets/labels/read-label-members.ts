import { JSONParser } from '@streamparser/json';
import { firstLine } from '../../errors.ts';
import { isObject } from '../../util/json.ts';
import { datasetError, readDatasetText, toReadError } from '../dataset-file.ts';
import type { ProgressOptions } from '../index-progress.ts';

/** The members of an object in the order of the file. A key may occur twice. */
export type ObjectMembers = readonly (readonly [key: string, value: unknown])[];

/** Receives the contents of a file of labels, in the file's order. */
export interface LabelHandler {
  /** Called for each page of {id: type} and of {book: {page: type}}, with id = book/page; `type` may be any value. */
  onPage(id: string, type: unknown): void;
  /** Called for each item of a list of books; `members` is null if the item is not an object. */
  onBook(members: ObjectMembers | null, index: number): void;
  /** Called now and then. */
  onProgress(): void;
}

/**
 * Streams a file of labels; only one book of a list is in memory at a time. Members are read one by one because an object would
 * lose repeated keys and move integer keys to the front.
 * @throws PanelvecError naming the file if it is missing or not JSON of these forms; the signal's reason
 */
export async function readLabelMembers(
  file: string,
  handler: LabelHandler,
  { signal }: ProgressOptions = {},
): Promise<void> {
  const parser = new JSONParser({ paths: ['$.*', '$.*.*'], keepStack: false });
  let item: [string, unknown][] = [];
  parser.onValue = ({ key, value, stack }) => {
    const parent = stack[1]?.key;
    if (typeof (parent ?? key) === 'number') {
      if (parent !== undefined) item.push([String(key), value]);
      else {
        handler.onBook(isObject(value) ? item : null, key as number);
        item = [];
      }
    } else if (parent === undefined) {
      // The pages of a book were handled before the book itself.
      if (!isObject(value)) handler.onPage(key as string, value);
    } else if (typeof key === 'string') handler.onPage(`${parent}/${key}`, value);
  };
  let hasStarted = false;
  try {
    for await (const chunk of readDatasetText(file)) {
      hasStarted ||= hasValidStart(file, chunk);
      parseChunk(file, parser, chunk);
      handler.onProgress();
      signal?.throwIfAborted();
    }
    if (!hasStarted) throw datasetError(file, 'the file is empty: expected an object or a list of page types');
    if (!parser.isEnded) throw datasetError(file, 'the JSON ends in the middle');
  } catch (error) {
    signal?.throwIfAborted();
    throw toReadError(file, error);
  }
}

function parseChunk(file: string, parser: JSONParser, chunk: Buffer): void {
  try {
    parser.write(chunk);
  } catch (error) {
    throw datasetError(file, `no JSON: ${firstLine(error)}`, error);
  }
}

/** Returns false for a blank chunk. @throws PanelvecError if the text starts with neither an object nor a list */
function hasValidStart(file: string, chunk: Buffer): boolean {
  const start = chunk.toString('utf8').trimStart()[0];
  if (start !== undefined && start !== '{' && start !== '[') {
    throw datasetError(file, 'expected a JSON object or a list of page types');
  }
  return start !== undefined;
}
