import { finished, pipeline } from 'node:stream/promises';
import { type Parser, parse } from 'csv-parse';
import { CsvError } from './csv-error.ts';
import { PlainCsvRows } from './plain-csv-rows.ts';

/** Without a limit, a quote that is never closed would read the rest of the file into memory. */
const MAX_ROW_BYTES = 1 << 20;
const QUOTE = '"';

/**
 * Reads the rows of a CSV file in UTF-8; blank lines are none. Large files have no quotes, and a parser that knows quotes takes
 * several times as long: it begins at the first one.
 * @param onRow called with the fields of each row. All rows have as many as the first
 * @throws CsvError; what `chunks` and `onRow` throw; the signal's reason
 */
export async function readCsvRows(
  chunks: AsyncGenerator<Buffer, void>,
  onRow: (fields: string[]) => void,
  signal?: AbortSignal,
): Promise<void> {
  const plain = new PlainCsvRows(MAX_ROW_BYTES, onRow);
  try {
    for (;;) {
      const { done, value: chunk } = await chunks.next();
      signal?.throwIfAborted();
      if (done) return plain.end();
      if (chunk.includes(QUOTE)) return await readQuoted(plain, chunk, chunks, onRow, signal);
      plain.write(chunk);
    }
  } finally {
    await chunks.return();
  }
}

async function readQuoted(
  plain: PlainCsvRows,
  chunk: Buffer,
  chunks: AsyncGenerator<Buffer, void>,
  onRow: (fields: string[]) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const parser = parse({
    // Files that two systems have written to mix line ends.
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
  });
  let problem: unknown;
  let isFirst = plain.header !== null;
  parser.on('data', (record: string[]) => {
    try {
      if (!isFirst) onRow(record);
      isFirst = false;
    } catch (error) {
      // The parser's stream must not see an exception.
      problem = error;
      parser.destroy(error as Error);
    }
  });
  const rest = async function* () {
    yield plain.replacement;
    yield chunk;
    yield* chunks;
  };
  try {
    await Promise.all([pipeline(rest, parser, { signal }), finished(parser)]);
  } catch (error) {
    signal?.throwIfAborted();
    throw isParserError(error) ? new CsvError(error.message, error.lines, error) : (problem ?? error);
  }
}

type ParserError = Error & Pick<Parser['info'], 'lines'>;

function isParserError(error: unknown): error is ParserError {
  return error instanceof Error && 'lines' in error;
}
