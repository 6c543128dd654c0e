import { createReadStream } from 'node:fs';

const LINE_END = 0x0a;
/** A record has some hundred bytes. A longer line is garbage after a power cut, and is not collected in memory. */
const MAX_LINE_BYTES = 1 << 20;

/**
 * The lines of a file, without their line ends, up to the first without one: such a line is torn, or is being written now.
 * A line longer than a mebibyte counts as torn too.
 */
export async function* readCompleteLines(file: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
      yield bytes.toString('utf8', start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > MAX_LINE_BYTES) return;
  }
}
