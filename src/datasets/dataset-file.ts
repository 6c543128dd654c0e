import { createReadStream, type ReadStream } from 'node:fs';
import { firstLine, PanelvecError } from '../errors.ts';

/** Large, because the files have hundreds of MB. */
const CHUNK_BYTES = 256 * 1024;

/** Opens a file of a dataset as a stream of large chunks. */
export function openDatasetFile(file: string): ReadStream {
  return createReadStream(file, { highWaterMark: CHUNK_BYTES });
}

/** An error about a file or folder of a dataset, which the message names. */
export function datasetError(file: string, problem: string, cause?: unknown): PanelvecError {
  return new PanelvecError('dataset_invalid', `${file}: ${problem}`, { cause });
}

/** Turns an error from reading a file into one that names the file. */
export function toReadError(file: string, error: unknown): unknown {
  if (error instanceof PanelvecError) return error;
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return datasetError(file, missing ? 'there is no such file or folder' : firstLine(error), error);
}
