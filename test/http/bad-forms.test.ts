import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import request from 'supertest';
import { errorResponseSchema } from '../../src/http/error-response.ts';
import { assertRefused, sendRawBytes, useStrictService } from '../support/strict-service.ts';

const strict = useStrictService();

describe('multipart bodies', () => {
  const form = (call = '/image') => request(strict.address).post(`/v1/embeddings${call}`);
  const send = (body: string | Buffer, type = 'multipart/form-data; boundary=x') =>
    form().set('content-type', type).send(body);
  const part = (name: string, value: string) =>
    `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

  it('of unknown parts: 400', async () => {
    assertRefused(await form().attach('image', strict.png, 'a.png').field('size', '9'), 400, 'invalid_request', 'size');
    const response = await form().attach('photo', strict.png, 'a.png');
    assertRefused(response, 400, 'invalid_request', 'photo');
    assert.match(response.text, /each image is a part named/);
  });

  it('without an image: 400', async () => {
    assertRefused(await form().field('normalize', 'true'), 400, 'invalid_request', 'image');
  });

  it('with too many images: 413', async () => {
    const request = form();
    for (let i = 0; i < 5; i++) request.attach('image', strict.png, 'a.png');
    assert.equal((await request).status, 413);
  });

  it('whose part `request` names a missing part, or is missing itself: 400', async () => {
    const body = JSON.stringify({ input: [{ image: 'left' }] });
    assertRefused(await form('/panel').field('request', body), 400, 'invalid_request', 'input[0].image');
    assertRefused(await form('/panel').attach('left', strict.png, 'a.png'), 400, 'invalid_request', 'request');
    assertRefused(await form('/panel').field('request', '{'), 400, 'invalid_json', 'request');
  });

  it('with files that the request does not name: 400', async () => {
    const body = JSON.stringify({ input: [{ text: 'a' }] });
    const response = await form('/panel').field('request', body).attach('left', strict.png, 'a.png');
    assertRefused(response, 400, 'invalid_request', 'left');
  });

  it('that are broken: 400', async () => {
    const bodies = [
      '',
      'garbage',
      part('normalize', 'true'),
      `${part('normalize', 'true')}--x`,
      `--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\nabc`,
    ];
    for (const body of bodies) {
      const response = await send(body);
      assert.equal(response.status, 400, `${JSON.stringify(body)}: ${response.text}`);
      errorResponseSchema.parse(response.body);
    }
    errorResponseSchema.parse((await send('--x--\r\n', 'multipart/form-data')).body);
  });

  it('that exceed the limit between their parts: 413', async () => {
    const body = `${'x'.repeat(210_000)}\r\n${part('normalize', 'true')}--x--\r\n`;
    assertRefused(await send(body), 413, 'body_too_large', null);
    const response = await sendRawBytes(
      strict.address,
      `POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\ncontent-type: multipart/form-data; boundary=x\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    assert.match(response, /"code":"body_too_large"/);
  });

  it('accept a part `request` of type JSON, and refuse one that is not JSON or is given twice', async () => {
    const typed = (value: string) =>
      `--x\r\ncontent-disposition: form-data; name="request"\r\ncontent-type: application/json\r\n\r\n${value}\r\n`;
    const panel = (body: string) => form('/panel').set('content-type', 'multipart/form-data; boundary=x').send(body);
    assert.equal((await panel(`${typed('{"input":[{"text":"a"}]}')}--x--\r\n`)).status, 200);
    assertRefused(await panel(`${typed('{"input":')}--x--\r\n`), 400, 'invalid_json', 'request');
    const twice = form('/panel')
      .field('request', '{"input":[{"text":"a"}]}')
      .attach('request', Buffer.from('{}'), 'a.json');
    assertRefused(await twice, 400, 'invalid_request', 'request');
  });

  it('that are refused early leave their connection usable', async () => {
    const refused = `${part('model', 'a')}${part('model', 'b')}--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\n${'y'.repeat(90_000)}\r\n--x--\r\n`;
    const head = `POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: ${refused.length}\r\n\r\n`;
    const response = await sendRawBytes(
      strict.address,
      `${head}${refused}GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    assert.match(response, /^HTTP\/1\.1 400 .*HTTP\/1\.1 200 /s);
  });

  it('whose boundary is too long are refused, and their connection is usable', async () => {
    const head = `POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=${'b'.repeat(300)}\r\ncontent-length: 100\r\n\r\n`;
    const response = await sendRawBytes(
      strict.address,
      `${head}${'x'.repeat(100)}GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    assert.match(response, /^HTTP\/1\.1 400 .*invalid_multipart.*HTTP\/1\.1 200 /s);
  });

  it('that give a field twice, or a field with a forbidden name: 400', async () => {
    assertRefused(await send(`${part('model', 'a')}${part('model', 'b')}--x--\r\n`), 400, 'invalid_request', 'model');
    const response = await send(`${part('__proto__', 'a')}--x--\r\n`);
    assert.equal(response.status, 400);
  });
});
