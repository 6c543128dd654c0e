import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeText, TextDecodeError } from '../../src/util/decode-text.ts';

describe('decodeText', () => {
  const text = 'Qui va là ? 猫が好き 🐈';
  const bigEndian = (value: string) => Buffer.from(value, 'utf16le').swap16();

  const readable: readonly [string, Buffer][] = [
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['little-endian UTF-16 with a byte order mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['big-endian UTF-16 with a byte order mark', bigEndian(`\ufeff${text}`)],
  ];
  for (const [name, bytes] of readable) it(`reads ${name}`, () => assert.equal(decodeText(bytes), text));

  it('keeps a replacement character that is written as such, and reads nothing as nothing', () => {
    assert.equal(decodeText(Buffer.from('a\ufffdb')), 'a\ufffdb');
    assert.equal(decodeText(Buffer.alloc(0)), '');
  });

  const refused: readonly [string, Buffer, number | undefined][] = [
    ['Latin-1', Buffer.from('caf\xe9', 'latin1'), 3],
    ['Latin-1 after UTF-8', Buffer.concat([Buffer.from('là \ufffd'), Buffer.from([0xe0, 0x20])]), 7],
    ['a cut sequence', Buffer.from([0x61, 0xe7, 0x8c]), 1],
    ['an overlong sequence', Buffer.from([0xc0, 0x80]), 0],
    ['a surrogate in UTF-8', Buffer.from([0x61, 0xed, 0xa0, 0x80]), 1],
    ['UTF-16 of an odd length', Buffer.from([0xff, 0xfe, 0x61]), undefined],
    ['a lone surrogate in UTF-16', Buffer.from('\ufeff\ud800a', 'utf16le'), undefined],
  ];
  for (const [name, bytes, offset] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => decodeText(bytes),
        (error) => error instanceof TextDecodeError && error.offset === offset,
      );
    });
  }
});
