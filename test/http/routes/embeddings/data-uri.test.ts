import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeDataUri } from '../../../../src/http/routes/embeddings/data-uri.ts';
import { assertRefused, postJson, useStrictService } from '../../../support/strict-service.ts';

const strict = useStrictService();

const bytes = Buffer.from('any bytes');
const base64 = bytes.toString('base64');

describe('decodeDataUri', () => {
  const headers = [
    'data:image/png;base64,',
    'data:;base64,',
    'data:application/octet-stream;base64,',
    'data:image/png;charset=utf-8;base64,',
    `data:image/png;name=${'long-name-'.repeat(50)}.png;base64,`,
    'DATA:IMAGE/PNG;BASE64,',
    ' data:image/png; base64 ,',
    '\ndata:image/svg+xml;base64,',
    'data:text/plain;base64,',
  ];
  for (const header of headers) {
    it(`reads ${JSON.stringify(header.slice(0, 60))}: the bytes decide`, () =>
      assert.deepEqual(decodeDataUri(header + base64, 'input', 100), bytes));
  }

  const refused: readonly [string, RegExp][] = [
    ['https://example.org/a.png', /^https URLs are not fetched: send data:image/],
    ['http://example.org/a,b.png', /^http URLs are not fetched/],
    ['file:///tmp/a.png', /^file URLs are not fetched/],
    ['s3://bucket/a.png', /^s3 URLs are not fetched/],
    ['data:image/svg+xml,%3Csvg%3E', /^the data URI is not base64/],
    ['data:image/png;base64', /^the data URI is not base64/],
    ['data:,a', /^the data URI is not base64/],
    ['page.png', /^this is not a data URI/],
    [base64, /^this is not a data URI/],
    ['', /^this is not a data URI/],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(() => decodeDataUri(text, 'input', 100), { code: 'invalid_request', param: 'input', message }));
  }

  it('names the offset of a stray sign in the whole text', () => {
    assert.throws(() => decodeDataUri('data:image/png;base64,QU!D', 'input', 100), { message: /"!" at offset 24$/ });
  });

  it('bounds the bytes, not the white space', () => {
    const text = (count: number) =>
      `data:;base64,${Buffer.alloc(count).toString('base64').replaceAll(/.{4}/g, '$&\n')}`;
    assert.equal(decodeDataUri(text(100), 'input', 100).byteLength, 100);
    assert.throws(() => decodeDataUri(text(101), 'input', 100), { code: 'image_too_large' });
    assert.throws(() => decodeDataUri(text(1000), 'input', 100), { code: 'image_too_large' });
  });
});

describe('an image in JSON', () => {
  it('has the vector of its bytes however its base64 is written, and is refused with a stray sign', async () => {
    const plain = strict.png.toString('base64');
    const lines = plain.replaceAll(/.{76}/g, '$&\r\n');
    const spellings = [plain, lines, strict.png.toString('base64url'), plain.replaceAll('=', '')];
    const input = spellings.map((text) => `data:image/x-unknown;name=a;base64,${text}`);
    const response = await postJson(strict.address, '/image', { input });
    assert.equal(response.status, 200, response.text);
    for (const { embedding } of response.body.data) assert.deepEqual(embedding, response.body.data[0].embedding);
    const stray = `data:image/png;base64,${plain.slice(0, 40)}!${plain.slice(40)}`;
    const refused = await postJson(strict.address, '/panel', { input: [{ image: stray }] });
    assertRefused(refused, 400, 'invalid_request', 'input[0].image');
  });
});
