import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeText, InvalidTextError, isKnownEncoding, transcodeToUtf8 } from '../../src/util/strict-text.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

async function transcode(bytes: Buffer, chunkBytes: number, encoding?: string): Promise<string> {
  async function* chunks() {
    for (let i = 0; i < bytes.length; i += chunkBytes) yield bytes.subarray(i, i + chunkBytes);
  }
  const pieces: Buffer[] = [];
  for await (const piece of transcodeToUtf8(chunks(), encoding)) {
    assert.equal(Buffer.from(piece.toString('utf8')).compare(piece), 0, 'no chunk ends within a character');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

describe('strict decoding', () => {
  const text = 'a é 猫 🐈\r\nœ\n';
  const valid: [name: string, bytes: Buffer, text: string, encoding?: string][] = [
    ['nothing', Buffer.alloc(0), ''],
    ['one byte', latin1('a'), 'a'],
    ['UTF-8', Buffer.from(text), text],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), text],
    ['a mark alone', Buffer.from('\ufeff'), ''],
    ['a mark after the first one', Buffer.from('\ufeff\ufeffa'), '\ufeffa'],
    ['a replacement character that was written', Buffer.from('caf\ufffd'), 'caf\ufffd'],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), text],
    ['UTF-16 with a mark, high bytes first', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), text],
    ['Windows-1252', latin1('D\xe9d\xe9 \x80\n'), 'Dédé €\n', 'windows-1252'],
    ['Shift_JIS by its name in Python', Buffer.from([0x94, 0x4c, 0x81, 0x60, 0x0a]), '猫～\n', 'CP932'],
    ['GBK', Buffer.from([0xc4, 0xe3]), '你', 'gbk'],
    ['a mark in spite of a declared encoding', Buffer.from('\ufeffé'), 'é', 'windows-1252'],
  ];
  for (const [name, bytes, expected, encoding] of valid) {
    it(`reads ${name}`, async () => {
      assert.equal(decodeText(bytes, encoding), expected);
      for (const size of [1, 2, 3, 5, 100]) assert.equal(await transcode(bytes, size, encoding), expected);
    });
  }

  const invalid: [name: string, bytes: Buffer, message: RegExp, encoding?: string][] = [
    ['Latin-1', latin1('a\nb\ncaf\xe9 noir\n'), /^line 3, byte 7: the bytes 0xe920 are not utf-8$/],
    ['Latin-1 at the end', latin1('caf\xe9'), /^line 1, byte 3: the text ends within a character/],
    [
      'a lone continuation',
      Buffer.concat([Buffer.from('é猫\n'), Buffer.of(0x80)]),
      /^line 2, byte \d: the bytes 0x80 are not utf-8$/,
    ],
    ['an overlong form', Buffer.from([0x61, 0xc0, 0xaf]), /byte 1: /],
    ['a surrogate in UTF-8', Buffer.from([0xed, 0xa0, 0x80]), /byte 0: /],
    ['UTF-16 without a mark', Buffer.from([0x61, 0, 0xe9, 0]), /byte 2: the bytes 0xe900 are not utf-8/],
    ['an odd byte of UTF-16', Buffer.from([0xff, 0xfe, 0x61, 0, 0x62]), /byte 5: the text ends within a character/],
    ['a lone surrogate of UTF-16', Buffer.from('\ufeffa\nb\ud83da', 'utf16le'), /^line 2, byte 8: the bytes 0x3dd8/],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /the text is UTF-32/],
    [
      'what is not Shift_JIS',
      Buffer.from([0x94, 0x4c, 0x0a, 0x81, 0x20]),
      /^line 2, byte 3: the bytes 0x8120 /,
      'sjis',
    ],
  ];
  for (const [name, bytes, message, encoding] of invalid) {
    it(`refuses ${name}`, async () => {
      const isRefused = (error: unknown) => error instanceof InvalidTextError && message.test(error.message);
      assert.throws(() => decodeText(bytes, encoding), isRefused);
      await assert.rejects(transcode(bytes, 100, encoding), isRefused);
      for (const size of [1, 2, 3, 5]) await assert.rejects(transcode(bytes, size, encoding), InvalidTextError);
    });
  }

  it('names the same byte of UTF-8 however the text is cut', async () => {
    const bytes = Buffer.concat([Buffer.from('é猫🐈\n'), latin1('caf\xe9\n')]);
    for (let size = 1; size < bytes.length; size++) {
      await assert.rejects(transcode(bytes, size), { offset: 13, line: 2 }, `size ${size}`);
    }
  });

  it('knows the encodings of the web, and no others', () => {
    assert.deepEqual(['UTF8', ' windows-1252 ', 'gb18030', 'cp932', 'utf-7', ''].map(isKnownEncoding), [
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    assert.throws(() => decodeText(Buffer.alloc(0), 'klingon'), RangeError);
  });
});
