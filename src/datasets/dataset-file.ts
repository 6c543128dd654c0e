import { createReadStream, type ReadStream } from 'node:fs';
import { firstLine, PanelvecError } from '../errors.ts';

/** Large reads: the files have hundreds of MB. */
const CHUNK_BYTES = 256 * 1024;

export function openDatasetFile(file: string): ReadStream {
  return createReadStream(file, { highWaterMark: CHUNK_BYTES });
}

/** Of a file or folder of a dataset that cannot be used; the message names it. */
export function datasetError(file: string, problem: string, cause?: unknown): PanelvecError {
  return new PanelvecError('dataset_invalid', `${file}: ${problem}`, { cause });
}

/** What reading it has thrown, as an error that names the file. */
export function toReadError(file: string, error: unknown): unknown {
  if (error instanceof PanelvecError) return error;
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return datasetError(file, missing ? 'there is no such file or folder' : firstLine(error), error);
}
