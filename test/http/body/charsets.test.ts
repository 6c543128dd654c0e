import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import request from 'supertest';
import { postInfer } from '../../support/infer-requests.ts';
import { assertRefused, postBytes, useStrictService } from '../../support/strict-service.ts';

const strict = useStrictService();

const json = '{"input":"café"}';

function post(body: Buffer, type = 'application/json', call = '/text') {
  return postBytes(strict.address, call, new Uint8Array(body), { 'content-type': type });
}

/** The vector of the text "café" */
async function expectedVector(): Promise<readonly number[]> {
  const response = await post(Buffer.from('{"input":"caf\\u00e9"}'));
  return response.body.data[0].embedding;
}

describe('the text of a JSON body', () => {
  const bigEndian = Buffer.from(`\ufeff${json}`, 'utf16le').swap16();
  const readable: readonly [string, Buffer, string?][] = [
    ['UTF-8', Buffer.from(json)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${json}`)],
    ['UTF-16 with a byte order mark', Buffer.from(`\ufeff${json}`, 'utf16le')],
    ['big-endian UTF-16 with a byte order mark', bigEndian, 'application/json; charset=utf-16'],
    ['UTF-8 that is declared', Buffer.from(json), 'application/json;charset="UTF-8"'],
    ['UTF-8 in quotes of another kind', Buffer.from(json), "application/json; Charset='utf8'"],
    ['ASCII with escapes', Buffer.from('{"input":"caf\\u00e9"}'), 'application/json; charset=US-ASCII'],
    ['UTF-8 with a byte order mark and no media type', Buffer.from(`\ufeff ${json}`), 'text/plain'],
    ['UTF-16 and no media type', Buffer.from(`\ufeff${json}`, 'utf16le'), 'application/octet-stream'],
  ];
  for (const [name, body, type] of readable) {
    it(`is read as ${name}`, async () => {
      const response = await post(body, type);
      assert.equal(response.status, 200, response.text);
      assert.deepEqual(response.body.data[0].embedding, await expectedVector());
    });
  }

  it('in Latin-1 is refused with the offset of its first byte that is not UTF-8', async () => {
    const response = await post(Buffer.from(json, 'latin1'));
    assertRefused(response, 400, 'invalid_json', null);
    assert.match(response.body.error.message, /line 1, byte 13: the bytes 0xe9/);
  });

  it('cut within a character, or in UTF-16 without its mark, is refused', async () => {
    assertRefused(await post(Buffer.from(json).subarray(0, 14)), 400, 'invalid_json', null);
    assertRefused(
      await post(Buffer.from(json, 'utf16le'), 'application/json; charset=utf-16le'),
      400,
      'invalid_json',
      null,
    );
  });

  it('in UTF-16 without its mark is refused as such, also where its charset is declared', async () => {
    const little = Buffer.from('{"input":"cafe"}', 'utf16le');
    for (const [body, charset] of [
      [little, 'utf-16le'],
      [Buffer.from(little).swap16(), 'utf-16be'],
    ] as const) {
      const response = await post(body, `application/json; charset=${charset}`);
      assertRefused(response, 400, 'invalid_json', null);
      assert.match(response.text, /UTF-16 or UTF-32 without a byte order mark; send UTF-8/);
    }
  });

  for (const charset of ['iso-8859-1', 'ISO-8859-1', '"windows-1252"', 'shift_jis', 'utf-7']) {
    it(`in the charset ${charset} is refused with its name: 415`, async () => {
      const response = await post(Buffer.from(json, 'latin1'), `application/json; charset=${charset}`);
      assertRefused(response, 415, 'unsupported_media_type', null);
      assert.ok(response.body.error.message.includes(charset.replaceAll('"', '')), response.text);
    });
  }

  const surrogates: readonly [string, string, string][] = [
    ['text', '{"input":["fine","half \\ud83d"]}', 'input[1]'],
    ['panel', '{"input":[{"text":"\\uDC08"}]}', 'input[0].text'],
    ['text', '{"input":"\\ud83d\\ud83d\\ude00"}', 'input'],
  ];
  for (const [call, body, param] of surrogates) {
    it(`with half a character is refused naming the field: ${body}`, async () =>
      assertRefused(await post(Buffer.from(body), undefined, `/${call}`), 400, 'invalid_request', param));
  }

  it('with whole characters as escapes is read', async () => {
    const response = await post(Buffer.from('{"input":"\\ud83d\\ude00 a"}'));
    assert.equal(response.status, 200, response.text);
  });

  it('of the Open Inference Protocol is decoded as strictly, also before binary tensors', async () => {
    const inputs = [{ name: 'comp_feats', datatype: 'FP32', shape: [1, 7], parameters: { binary_data_size: 28 } }];
    const text = JSON.stringify({ id: 'caf\u00e9', inputs });
    for (const bytes of [Buffer.from(text), Buffer.from(text, 'latin1')]) {
      const response = await fetch(`${strict.address}/v2/models/tiny/infer`, {
        method: 'POST',
        headers: { 'inference-header-content-length': String(bytes.byteLength) },
        body: Buffer.concat([bytes, Buffer.alloc(28)]),
      });
      const body = (await response.json()) as { id?: string; code?: string };
      if (bytes.byteLength > text.length) assert.equal(body.id, 'caf\u00e9');
      else assert.deepEqual([response.status, body.code], [400, 'invalid_json']);
    }
    const declared = { json: '{}', contentType: 'application/json; charset=latin1' };
    assert.equal((await postInfer(strict.address, 'tiny', declared)).status, 415);
  });
});

describe('the text of a form', () => {
  const part = (headers: string, value: string) =>
    `--x\r\ncontent-disposition: form-data; ${headers}\r\n\r\n${value}\r\n`;
  const send = (call: string, parts: string, encoding: BufferEncoding) =>
    post(Buffer.from(`${parts}--x--\r\n`, encoding), 'multipart/form-data; boundary=x', call);
  const panel = '{"input":[{"text":"café"}]}';

  it('is UTF-8 in the part request', async () => {
    const response = await send('/panel', part('name="request"', panel), 'utf8');
    assert.deepEqual(response.body.data?.[0].embedding, await expectedVector(), response.text);
    for (const headers of ['name="request"', 'name="request"; filename="a.json"\r\ncontent-type: application/json']) {
      const refused = await send('/panel', part(headers, panel), 'latin1');
      assertRefused(refused, 400, 'invalid_json', 'request');
      assert.match(refused.body.error.message, /byte 22: the bytes 0xe9/);
    }
  });

  it('is UTF-8 whatever charset a part declares: Java declares ISO-8859-1 for each', async () => {
    const typed = (name: string, value: string) =>
      part(`name="${name}"\r\nContent-Type: text/plain; charset="ISO-8859-1"`, value);
    const response = await send('/panel', typed('request', panel), 'utf8');
    assert.deepEqual(response.body.data?.[0].embedding, await expectedVector(), response.text);
    assertRefused(await send('/panel', typed('request', panel), 'latin1'), 400, 'invalid_json', 'request');
    assertRefused(await send('/image', typed('model', 'caf\u00e9'), 'latin1'), 400, 'invalid_multipart', 'model');
  });

  it('is refused in a field that is not UTF-8, or under a name that is not', async () => {
    assertRefused(await send('/image', part('name="model"', 'caf\u00e9'), 'latin1'), 400, 'invalid_multipart', 'model');
    assertRefused(await send('/image', part('name="caf\u00e9"', 'a'), 'latin1'), 400, 'invalid_multipart', null);
    assertRefused(await send('/image', part('name="caf\u00e9"', 'a'), 'utf8'), 400, 'invalid_request', 'caf\u00e9');
  });

  it('is refused by the charset of the whole form, in its header or in _charset_', async () => {
    const body = Buffer.from(`${part('name="request"', panel)}--x--\r\n`, 'latin1');
    const response = await post(body, 'multipart/form-data; boundary=x; charset=latin1', '/panel');
    assertRefused(response, 415, 'unsupported_media_type', null);
    const field = part('name="_charset_"', 'ISO-8859-1');
    assertRefused(await send('/image', field, 'latin1'), 415, 'unsupported_media_type', '_charset_');
    const broken = part('name="_charset_"', 'caf\u00e9');
    assertRefused(await send('/image', broken, 'latin1'), 400, 'invalid_multipart', '_charset_');
  });

  it('does not matter in the name of a file', async () => {
    const head = Buffer.from(
      '--x\r\ncontent-disposition: form-data; name="image"; filename="caf\u00e9.png"\r\n\r\n',
      'latin1',
    );
    const body = Buffer.concat([head, strict.png, Buffer.from('\r\n--x--\r\n')]);
    const response = await post(body, 'multipart/form-data; boundary=x', '/image');
    assert.equal(response.status, 200, response.text);
  });
});

describe('the query', () => {
  it('with escapes that are not UTF-8 is refused: 400', async () => {
    for (const query of ['model=caf%E9', 'model=%', 'model=%zz']) {
      const response = await request(strict.address).get(`/v1/jobs?${query}`);
      assertRefused(response, 400, 'invalid_request', null);
    }
  });
});
