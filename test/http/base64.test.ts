import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { decodeBase64 } from '../../src/http/base64.ts';

/** Lengths of all remainders by three, since each has another padding */
const LENGTHS = [0, 1, 2, 3, 4, 5, 6, 100, 1000, 1001, 1002];
/** Of these bytes the base64 has plus signs and slashes. */
const samples = LENGTHS.map((length) => Buffer.concat([Buffer.from([0xfb, 0xff, 0xbe]), randomBytes(length)]));

describe('decodeBase64', () => {
  const spellings: readonly [string, (bytes: Buffer) => string][] = [
    ['as an encoder writes it', (bytes) => bytes.toString('base64')],
    ['without padding', (bytes) => bytes.toString('base64').replaceAll('=', '')],
    ['in the URL-safe alphabet', (bytes) => bytes.toString('base64url')],
    ['in the URL-safe alphabet with padding', (bytes) => toUrlSafe(bytes.toString('base64'))],
    ['in lines of MIME', (bytes) => bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n')],
    ['in indented lines', (bytes) => `\n  ${bytes.toString('base64').replaceAll(/.{9}/g, '$&\n\t  ')}\n`],
    ['with spaces', (bytes) => bytes.toString('base64').replaceAll(/.{7}/g, '$& ')],
    ['escaped as in a URL', (bytes) => encodeURIComponent(bytes.toString('base64'))],
    ['in escaped lines', (bytes) => bytes.toString('base64').replaceAll(/.{76}/g, '$&%0D%0a')],
  ];
  for (const [name, spell] of spellings) {
    it(`reads it ${name}, whatever its length`, () => {
      for (const bytes of samples) assert.deepEqual(decodeBase64(spell(bytes), 'input'), bytes);
    });
  }

  it('refuses any other sign with its offset, wherever it stands', () => {
    for (const bytes of samples) {
      const text = bytes.toString('base64');
      for (const sign of ['!', '"', '.', ',', '\0', '\u00e9', '\u732b', '\ud83d\ude00', '%', '%4', '%41', '%zz', '*']) {
        for (const offset of [0, 1, 2, 3, text.length]) {
          const stray = text.slice(0, offset) + sign + text.slice(offset);
          assert.throws(() => decodeBase64(stray, 'input[1]', 22), {
            code: 'invalid_request',
            param: 'input[1]',
            message: new RegExp(`at offset ${22 + offset}$`),
          });
        }
      }
    }
  });

  const wrong: readonly [string, string][] = [
    ['one sign too many', 'QUJDR'],
    ['one sign alone', 'Q'],
    ['too little padding', 'QU='],
    ['too much padding', 'QUI=='],
    ['padding after a whole group', 'QUJD='],
    ['three of padding', 'QUJDR==='],
    ['padding alone', '=='],
    ['padding within', 'QQ==QUJD'],
    ['two texts one after the other', 'QUI=QUI='],
  ];
  for (const [name, text] of wrong) {
    it(`refuses ${name}`, () => assert.throws(() => decodeBase64(text, 'input'), { code: 'invalid_request' }));
  }

  it('refuses a text whose plus signs a form has turned into spaces', () => {
    const text = randomBytes(3000).toString('base64');
    assert.ok(text.includes('+'));
    assert.throws(() => decodeBase64(text.replaceAll('+', ' '), 'input'), { message: /no plus sign/ });
  });
});

function toUrlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
