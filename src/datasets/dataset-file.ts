import { createReadStream } from 'node:fs';
import { firstLine, PanelvecError } from '../errors.ts';
import { describeForeignContent, FOREIGN_CONTENT_BYTES } from '../files/foreign-content.ts';
import { InvalidTextError, transcodeToUtf8 } from '../util/strict-text.ts';

/** Large, because the files have hundreds of MB. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Streams a text file of a dataset as UTF-8, in large chunks.
 * @param encoding the encoding of a file that is neither UTF-8 nor UTF-16 with a byte order mark
 * @param remedy what to do about a file in another encoding, for the error
 * @throws PanelvecError naming the file that another stands in the place of, or file and line of the first bytes that are no text; the
 *   errors of the system
 */
export async function* readDatasetText(
  file: string,
  remedy = 'save it as UTF-8',
  encoding: string | null = null,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    const chunks = withOwnContent(file, createReadStream(file, { highWaterMark: CHUNK_BYTES }));
    yield* transcodeToUtf8(chunks, encoding ?? undefined);
  } catch (error) {
    throw error instanceof InvalidTextError ? datasetError(file, `${error.message}: ${remedy}`, error) : error;
  }
}

/** Refuses what stands in the place of a file, such as a Git LFS pointer. An empty file is for the reader to judge. */
async function* withOwnContent(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let isFirst = true;
  for await (const chunk of chunks) {
    const foreign = isFirst ? describeForeignContent(chunk.subarray(0, FOREIGN_CONTENT_BYTES)) : undefined;
    if (foreign !== undefined) throw new PanelvecError('dataset_invalid', `${file} ${foreign}`);
    isFirst = false;
    yield chunk;
  }
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
