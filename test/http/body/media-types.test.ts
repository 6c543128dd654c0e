import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { assertRefused, postBytes, useStrictService } from '../../support/strict-service.ts';

const strict = useStrictService();

function post(call: string, body: string | Buffer, type: string | undefined) {
  // fetch names a type for every text, so the body is bytes.
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  return postBytes(strict.address, call, new Uint8Array(Buffer.from(body)), headers);
}

const json = '{"input":"who goes there"}';
/** Types that clients set without being asked */
const UNLABELLED = [
  undefined,
  'application/x-www-form-urlencoded',
  'text/plain;charset=UTF-8',
  'application/octet-stream',
];

describe('a JSON body', () => {
  const types = [
    'application/json',
    'APPLICATION/JSON',
    'text/json',
    'application/vnd.panelvec+json',
    'application/x-json',
  ];
  for (const type of [...types, ...UNLABELLED]) {
    it(`is taken of the media type ${type ?? 'that is not named'}`, async () => {
      const response = await post('/text', ` \n${json}`, type);
      assert.equal(response.status, 200, response.text);
    });
  }

  it('with its errors has the same errors of any type', async () => {
    for (const type of UNLABELLED) {
      assertRefused(await post('/text', '{"input":', type), 400, 'invalid_json', null);
      assertRefused(await post('/text', '{"input":""}', type), 400, 'invalid_request', 'input');
    }
  });

  it('of the Open Inference Protocol is taken as curl -d sends it', async () => {
    const inputs = [{ name: 'comp_feats', datatype: 'FP32', shape: [1, 7], data: [1, 1, 0, 0, 0, 1, 1] }];
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json; charset=utf-8']) {
      const response = await fetch(`${strict.address}/v2/models/tiny/infer`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: JSON.stringify({ inputs }),
      });
      assert.equal(response.status, 200, await response.text());
    }
  });
});

describe('a content type', () => {
  it('that is empty is none', async () => {
    const headers = (type: string) => ({ 'content-type': type, 'content-length': String(json.length) });
    const send = async (type: string) => {
      const request = httpRequest(`${strict.address}/v1/embeddings/text`, { method: 'POST', headers: headers(type) });
      request.end(json);
      const [response]: IncomingMessage[] = await once(request, 'response');
      return { status: response?.statusCode, text: response ? await text(response) : '' };
    };
    assert.equal((await send('')).status, 200);
    const refused = await send('application/');
    assert.equal(refused.status, 415);
    assert.match(refused.text, /send application\/json/);
  });

  it('may have an empty charset', async () => {
    assert.equal((await post('/text', json, 'application/json; charset=')).status, 200);
  });

  it('that is no type is refused with what to send', async () => {
    const response = await post('/image', strict.png, 'image/');
    assertRefused(response, 415, 'unsupported_media_type', null);
    assert.match(response.text, /leave the header out/);
  });
});

describe('a part of a form', () => {
  it('that is an image is one, also where its type says text', async () => {
    const send = (headers: string) => {
      const head = `--x\r\ncontent-disposition: form-data; name="image"\r\n${headers}\r\n`;
      const body = Buffer.concat([Buffer.from(head), strict.png, Buffer.from('\r\n--x--\r\n')]);
      return post('/image', body, 'multipart/form-data; boundary=x');
    };
    const expected = await send('content-type: image/png\r\n');
    assert.equal(expected.status, 200, expected.text);
    assert.deepEqual((await send('content-type: text/plain\r\n')).body, expected.body);
    assert.deepEqual((await send('')).body, expected.body);
  });
});

describe('a body that is not JSON, of a type that does not say so', () => {
  for (const type of UNLABELLED) {
    it(`${type ?? 'no type'}: 415 with the header to send`, async () => {
      for (const body of ['input=who+goes+there', 'who goes there', '']) {
        const response = await post('/text', body, type);
        if (body === '' && type === undefined) assertRefused(response, 400, 'invalid_request', null);
        else assertRefused(response, 415, 'unsupported_media_type', null);
        if (body !== '') assert.match(response.body.error.message, /content-type: application\/json/);
      }
    });
  }
});

describe('a raw image', () => {
  const types = [
    'image/png',
    'image/jpg',
    'image/pjpeg',
    'image/x-png',
    'IMAGE/PNG',
    'image/*',
    'image/png; name="a.png"',
  ];
  for (const type of [...types, ...UNLABELLED]) {
    it(`is taken of the media type ${type ?? 'that is not named'}: its bytes decide`, async () => {
      const response = await post('/image', strict.png, type);
      assert.equal(response.status, 200, response.text);
    });
  }

  it('is refused of a type that is something else, and where a route takes no image', async () => {
    assertRefused(await post('/image', strict.png, 'video/mp4'), 415, 'unsupported_media_type', null);
    assertRefused(await post('/page', strict.png, 'image/png'), 415, 'unsupported_media_type', null);
    assertRefused(await post('/page', strict.png, undefined), 415, 'unsupported_media_type', null);
  });
});

describe('the part of an image', () => {
  function form(headers: string, value = strict.png): Buffer {
    const head = `--x\r\nContent-Disposition: form-data; ${headers}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), value, Buffer.from('\r\n--x--\r\n')]);
  }
  const send = (body: Buffer, call = '/image') => post(call, body, 'multipart/form-data; boundary=x');

  const parts = [
    'name="image"; filename="a.png"\r\nContent-Type: image/png',
    'name="image"; filename=""\r\nContent-Type: image/png',
    'name=image; filename=a.png',
    'name="image"; filename*=UTF-8\'\'%e2%82%ac.png',
    'name="image"\r\nContent-Type: image/png',
    'name="image"\r\nContent-Type: image/jpeg; charset=binary',
    'name="image"\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary',
    'name="image"\r\nContent-Type: application/x-whatever',
    'name="image"',
  ];
  for (const headers of parts) {
    it(`is a file: ${headers.replaceAll('\r\n', ', ')}`, async () => {
      const response = await send(form(headers));
      assert.equal(response.status, 200, response.text);
    });
  }

  it('is a file of the page call too', async () => {
    const request =
      '--x\r\nContent-Disposition: form-data; name="request"\r\nContent-Type: application/json\r\n\r\n{"panels":[{"bbox":[0,0,9,9]}]}\r\n';
    const body = Buffer.concat([Buffer.from(request), form('name="image"\r\nContent-Type: image/png')]);
    const response = await send(body, '/page');
    assert.equal(response.status, 200, response.text);
  });

  it('that is text is refused with the way to send a file', async () => {
    const response = await send(form('name="image"', Buffer.from('page.png')));
    assertRefused(response, 400, 'invalid_request', 'image');
    assert.match(response.body.error.message, /-F image=@FILE/);
  });

  it('in a transfer encoding, or without a name, is refused', async () => {
    const encoded = 'name="image"; filename="a"\r\nContent-Transfer-Encoding: base64';
    assertRefused(await send(form(encoded)), 415, 'unsupported_media_type', 'image');
    for (const headers of ['filename="a.png"', 'name="image'.replace('name', 'nome')]) {
      assertRefused(await send(form(headers)), 400, 'invalid_multipart', null);
    }
  });
});
