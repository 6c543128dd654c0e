import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { firstLine, PanelvecError } from '../../errors.ts';
import { elementAt } from '../../util/arrays.ts';

const NEW_LINE = 10;

/** Where the lines of each part begin in a file of JSON lines. */
export interface LineOffsets {
  /** The byte at which each part's lines begin, then the end of the file */
  readonly offsets: readonly number[];
  readonly lines: number;
  /** Of the whole file */
  readonly sha256: string;
}

/**
 * Finds the lines of each part in a file that is sorted by the `sequence_index` of its lines.
 * @throws PanelvecError dataset_invalid naming the line that is out of order or cannot be read
 */
export async function findLineOffsets(
  file: string,
  pages: number,
  pagesPerPart: number,
  signal: AbortSignal,
): Promise<LineOffsets> {
  const parts = Math.ceil(pages / pagesPerPart);
  const offsets: number[] = [];
  const hash = createHash('sha256');
  let [lines, position, lastPage] = [0, 0, 0];
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { signal })) {
    hash.update(chunk);
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(NEW_LINE); end >= 0; end = rest.indexOf(NEW_LINE, start)) {
      const page = readSequenceIndex(rest.toString('utf8', start, end), file, ++lines);
      if (page < lastPage || page >= pages) throw lineError(file, lines, `sequence_index ${page} is out of order`);
      lastPage = page;
      for (; offsets.length <= Math.floor(page / pagesPerPart); ) offsets.push(position);
      position += end + 1 - start;
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
  if (rest.length > 0) throw lineError(file, lines + 1, 'the line has no end');
  for (; offsets.length <= parts; ) offsets.push(position);
  return { offsets, lines, sha256: hash.digest('hex') };
}

/** Reads the lines of a part. */
export async function readPartLines<T>(file: string, { offsets }: LineOffsets, part: number): Promise<T[]> {
  const [start, end] = [elementAt(offsets, part), elementAt(offsets, part + 1)];
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
  if (bytesRead !== end - start) throw new PanelvecError('dataset_invalid', `${file} has become shorter`);
  const lines = buffer.toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

function readSequenceIndex(line: string, file: string, number: number): number {
  let page: unknown;
  try {
    page = JSON.parse(line)?.sequence_index;
  } catch (cause) {
    throw lineError(file, number, firstLine(cause));
  }
  if (!Number.isInteger(page)) throw lineError(file, number, 'it has no sequence_index');
  return page as number;
}

function lineError(file: string, line: number, problem: string): PanelvecError {
  return new PanelvecError('dataset_invalid', `${file}, line ${line}: ${problem}`, { param: 'store' });
}
