import { createReadStream, type ReadStream } from 'node:fs';
import { oneLine, PanelvecError } from '../errors.ts';

/** Large reads: the files have hundreds of MB. */
const CHUNK_BYTES = 256 * 1024;

export function openDatasetFile(file: string): ReadStream {
  return createReadStream(file, { highWaterMark: CHUNK_BYTES });
}

/** Of a file or folder of a dataset that cannot be used; the message names it. */
export function unusable(file: string, problem: string, cause?: unknown): PanelvecError {
  return new PanelvecError('dataset_invalid', `${file}: ${problem}`, { cause });
}

/** What reading it has thrown, as an error that names the file. */
export function cannotRead(file: string, error: unknown): unknown {
  if (error instanceof PanelvecError) return error;
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return unusable(file, missing ? 'there is no such file or folder' : oneLine(error), error);
}
