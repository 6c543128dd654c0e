import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { unreadBody } from '../../../src/http/plugins/unread-body.ts';
import { useTinyService } from '../../support/tiny-service.ts';

const MAX_JSON_BYTES = 100_000;
const MAX_BODY_BYTES = 4_000_000;
/** More than the buffers of a socket hold */
const BETWEEN_LIMITS = 'x'.repeat(3_900_000);
const OVER_LIMITS = 'x'.repeat(30_000_000);

const service = useTinyService({
  PANELVEC_MAX_JSON_BYTES: String(MAX_JSON_BYTES),
  PANELVEC_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
});

/** Sends everything before it reads anything, as Python's http.client does. Resolves with all that comes until the end. */
function sendThenRead(address: string, head: string, body: string, next = ''): Promise<string> {
  const { port, hostname } = new URL(address);
  return new Promise((resolve, reject) => {
    let response = '';
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('close', () => resolve(response));
    socket.on('data', (text) => {
      response += text;
    });
    socket.write(`POST ${head}\r\nhost: a\r\n\r\n`);
    socket.write(body + next, () => socket.resume());
  });
}

function toChunks(body: string): string {
  const chunk = `${(100_000).toString(16)}\r\n${body.slice(0, 100_000)}\r\n`;
  return `${chunk.repeat(body.length / 100_000)}0\r\n\r\n`;
}

const GET = 'GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
const FORM = 'multipart/form-data; boundary=x';
const remedies: readonly [path: string, type: string, body: string, expected: RegExp][] = [
  ['/v1/embeddings/text', 'application/json', BETWEEN_LIMITS, /over 100000 bytes: send several requests/],
  [
    '/v1/embeddings/page',
    'application/json',
    BETWEEN_LIMITS,
    /over 100000 bytes: send the images as files of a multipart form/,
  ],
  [
    '/v2/models/tiny/infer',
    'application/json',
    BETWEEN_LIMITS,
    /over 100000: send binary tensors|over 100000 bytes: send binary tensors/,
  ],
  ['/v1/embeddings/text', 'application/json', OVER_LIMITS, /over (4000000|100000)/],
  [
    '/v1/embeddings/image',
    FORM,
    `--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\n${OVER_LIMITS}`,
    /over 4000000/,
  ],
  ['/v1/embeddings/image', 'image/png', OVER_LIMITS, /over 4000000/],
  ['/v2/models/tiny/infer', 'application/octet-stream', OVER_LIMITS, /over 4000000/],
];

describe('a client that sends everything before it reads', () => {
  for (const [path, type, body, expected] of remedies) {
    const head = `${path} HTTP/1.1\r\ncontent-type: ${type}`;
    const size = `${Math.round(body.length / 1e6)} MB of ${type} to ${path}`;

    it(`gets the 413 for ${size}, and its connection goes on`, async () => {
      const response = await sendThenRead(service.address, `${head}\r\ncontent-length: ${body.length}`, body, GET);
      assert.match(response, /^HTTP\/1\.1 413 .*"code":"?.*HTTP\/1\.1 200 /s);
      assert.match(response, expected);
    });

    it(`gets the 413 for ${size} in chunks, also on a connection that closes`, async () => {
      const chunked = `${head}\r\ntransfer-encoding: chunked\r\nconnection: close`;
      const response = await sendThenRead(
        service.address,
        chunked,
        toChunks(body.slice(0, -(body.length % 100_000) || undefined)),
      );
      assert.match(response, /^HTTP\/1\.1 413 /);
      assert.match(response, expected);
    });
  }

  it('gets a 415 and a 404 as well', async () => {
    const head = (path: string) =>
      `${path} HTTP/1.1\r\ncontent-type: text/html\r\ncontent-length: ${OVER_LIMITS.length}`;
    assert.match(
      await sendThenRead(service.address, head('/v1/embeddings/text'), OVER_LIMITS, GET),
      /^HTTP\/1\.1 415 .* 200 /s,
    );
    assert.match(await sendThenRead(service.address, head('/v9'), OVER_LIMITS, GET), /^HTTP\/1\.1 404 .* 200 /s);
  });
});

describe('a client that keeps its connection open', () => {
  const longestRetrySeconds = 60;
  const typeHeader = 'content-type: application/json';
  const cases: readonly [name: string, head: string, body: string][] = [
    ['a response', `/v1/embeddings/text HTTP/1.1\r\n${typeHeader}\r\ncontent-length: 13`, '{"input":"a"}'],
    [
      'a refusal of a body',
      `/v1/embeddings/text HTTP/1.1\r\n${typeHeader}\r\ncontent-length: 9000000`,
      'x'.repeat(9e6),
    ],
  ];
  for (const [name, head, body] of cases) {
    it(`is told by ${name} that it may stay until the latest Retry-After`, async () => {
      const response = await sendThenRead(service.address, head, body, GET);
      const [, seconds] = /^HTTP.*?\r\nkeep-alive: timeout=(\d+)\r\n/is.exec(response) ?? [];
      assert.ok(Number(seconds) > longestRetrySeconds, response.slice(0, 400));
    });
  }
});

describe('a client that asks with HEAD and does not send its body', () => {
  it('gets the headers at once', { timeout: 20_000 }, async () => {
    const { port, hostname } = new URL(service.address);
    const socket = connect(Number(port), hostname);
    socket.write('HEAD /v1/embeddings/text HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n');
    const [bytes] = await once(socket, 'data');
    assert.match(String(bytes), /^HTTP\/1\.1 405 /);
    socket.destroy();
  });
});

describe('a client that asks before it sends', () => {
  const head =
    'POST /v1/embeddings/text HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n';

  async function ask(length: number, body: string): Promise<string> {
    const { port, hostname } = new URL(service.address);
    const socket = connect(Number(port), hostname);
    socket.setEncoding('latin1');
    socket.write(`${head}content-length: ${length}\r\n\r\n`);
    let response = '';
    for await (const text of socket) {
      response += text;
      if (response.endsWith('HTTP/1.1 100 Continue\r\n\r\n')) socket.write(body);
      if (response.endsWith('}')) socket.end();
    }
    return response;
  }

  it('gets the 413 in place of the permission', async () => {
    assert.match(await ask(OVER_LIMITS.length, ''), /^HTTP\/1\.1 413 .*connection: close/is);
  });

  it('gets the permission, and then its response', async () => {
    const body = '{"input":"a"}';
    assert.match(await ask(body.length, body), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });
});

describe('a client that sends for ever', () => {
  let app: FastifyInstance;
  let address: string;
  before(async () => {
    app = Fastify();
    await app.register(unreadBody, { maxUnreadBytes: 1_000_000 });
    app.addHook('onRequest', async () => {
      throw new Error('refused');
    });
    app.post('/', async () => 'never');
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => app.close());

  it('gets its response, and is cut off', { timeout: 20_000 }, async () => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n');
    const chunk = 'x'.repeat(100_000);
    const timer = setInterval(() => socket.writableNeedDrain || socket.write(chunk), 1);
    let response = '';
    socket.on('data', (bytes) => {
      response += bytes.toString();
    });
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(timer);
    assert.match(response, /"refused"/);
  });
});

describe('a body whose reader gave up midway', () => {
  let app: FastifyInstance;
  let address: string;
  before(async () => {
    app = Fastify();
    await app.register(unreadBody);
    app.addContentTypeParser('*', async (_request: FastifyRequest, payload: Readable) => {
      void payload.iterator({ destroyOnReturn: false }).next();
      throw new Error('given up');
    });
    app.post('/', async () => 'never');
    app.get('/', async () => 'next');
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => app.close());

  it('leaves its connection usable', { timeout: 20_000 }, async () => {
    const next = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
    const head = `/ HTTP/1.1\r\ncontent-type: a/b\r\ncontent-length: ${BETWEEN_LIMITS.length}`;
    assert.match(await sendThenRead(address, head, BETWEEN_LIMITS, next), /given up.*HTTP\/1\.1 200 .*next$/s);
  });
});
