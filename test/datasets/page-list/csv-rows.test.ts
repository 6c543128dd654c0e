import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { CsvError } from '../../../src/datasets/page-list/csv-error.ts';
import { readCsvRows } from '../../../src/datasets/page-list/csv-rows.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { testSeed } from '../../support/seed.ts';

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

/** The rows, or the line of the error. */
async function read(text: string, size: number): Promise<string[][] | number> {
  const rows: string[][] = [];
  try {
    await readCsvRows(cut(Buffer.from(text), size), (fields) => rows.push(fields));
  } catch (error) {
    assert.ok(error instanceof CsvError, String(error));
    return error.line;
  }
  return rows;
}

/** The same by the library alone. */
function readAll(text: string): string[][] | number {
  try {
    return parse(text, { record_delimiter: ['\r\n', '\n', '\r'], skip_empty_lines: true });
  } catch (error) {
    return (error as { lines: number }).lines;
  }
}

describe('rows of CSV', () => {
  const texts = [
    '',
    'a,b',
    'a,b\nc,d\n',
    'a,b\r\nc,d\r\n',
    'a,b\rc,d\r',
    '\n\n\na,b\n\r\n\rc,d',
    'a,b\n,\n',
    'a,b\nc\n',
    '\na,b\n\nc,d,e\n',
    'a,b\n\n"c",d\n',
    '"a","b"\n',
    '\n\na,b\nc,"d\n\ne"\nf,g\n"h\n',
    'a,b\nc,d\n"e"\n',
    'a,b\nc,d\ne,f"g\n',
  ];
  for (const text of texts) {
    it(`are those of the library: ${JSON.stringify(text)}`, async () => {
      const expected = readAll(text);
      for (let size = 1; size <= text.length + 1; size++)
        assert.deepEqual(await read(text, size), expected, `size ${size}`);
    });
  }

  it('are those of the library in any text', async (t) => {
    const random = mulberry32(testSeed(t));
    const pick = (count: number) => Math.floor(random() * count);
    for (let round = 0; round < 2000; round++) {
      const pieces = ['a', 'b', 'a,b', ',', ',', '\n', '\n', '\r\n', '\r', ...(round % 2 === 0 ? ['"', '""'] : [])];
      const text = `a,b\n${Array.from({ length: pick(12) }, () => pieces[pick(pieces.length)]).join('')}`;
      assert.deepEqual(await read(text, 1 + pick(6)), readAll(text), JSON.stringify(text));
    }
  });

  it('have a limit', async () => {
    await assert.rejects(
      readCsvRows(cut(Buffer.alloc(1 << 21, 'a'), 1 << 16), () => {}),
      { name: 'CsvError', line: 1 },
    );
  });

  it('end with what the handler throws, and close the file', async () => {
    for (const text of ['a,b\nc,d\n', '"a",b\nc,d\n']) {
      let isClosed = false;
      const chunks = async function* () {
        try {
          yield* cut(Buffer.from(text), 4);
        } finally {
          isClosed = true;
        }
      };
      const stop = () => {
        throw new Error('stop');
      };
      await assert.rejects(readCsvRows(chunks(), stop), { message: 'stop' });
      assert.equal(isClosed, true);
    }
  });
});
