import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import { assertRefused, postBytes } from '../../support/strict-service.ts';
import { useTinyService } from '../../support/tiny-service.ts';

const MAX_BODIES_BYTES = 3_000_000;

const service = useTinyService({
  PANELVEC_MAX_BODIES_BYTES: String(MAX_BODIES_BYTES),
  PANELVEC_MAX_BODY_BYTES: '8000000',
});

/** JSON of so many bytes, most of them blank */
const jsonOf = (bytes: number) => Buffer.from(`{"input":"a"}${' '.repeat(bytes - 13)}`);

function postGzip(json: Buffer) {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  return postBytes(service.address, '/text', new Uint8Array(zlib.gzipSync(json)), headers);
}

/** Begins a request of so many bytes, and holds it until the returned function is called. */
async function holdBody(bytes: number): Promise<() => Promise<unknown>> {
  const { port, hostname } = new URL(service.address);
  const started = once(service.app.server, 'request');
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /v1/embeddings/text HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`,
  );
  const [, response] = await started;
  return () => {
    const closed = once(response, 'close');
    socket.destroy();
    return closed;
  };
}

/** Sends all of a compressed body, and leaves while it is decompressed. */
async function sendAndLeave(body: Buffer): Promise<void> {
  const { port, hostname } = new URL(service.address);
  const started = once(service.app.server, 'request');
  const socket = connect(Number(port), hostname);
  const head =
    'POST /v1/embeddings/text HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n';
  socket.write(Buffer.concat([Buffer.from(`${head}content-length: ${body.byteLength}\r\n\r\n`), body]));
  const [, response] = await started;
  const closed = once(response, 'close');
  socket.destroy();
  await closed;
}

describe('the memory of bodies', () => {
  it('counts what comes out of a compressed body: 429 beside others that fill it', async () => {
    const release = await holdBody(1_500_000);
    assert.equal((await postGzip(jsonOf(100_000))).status, 200);
    const refused = await postGzip(jsonOf(2_000_000));
    assertRefused(refused, 429, 'queue_full', null);
    assert.equal(refused.body.error.type, 'rate_limit_error');
    await release();
    assert.equal((await postGzip(jsonOf(2_000_000))).status, 200);
  });

  it('counts nothing of compressed bodies whose clients have left', async () => {
    for (let i = 0; i < 20; i++) await sendAndLeave(zlib.gzipSync(jsonOf(7_900_000)));
    const all = await postBytes(service.address, '/text', new Uint8Array(jsonOf(MAX_BODIES_BYTES)));
    assert.equal(all.status, 200, 'nothing is counted');
  });

  it('admits a body over the whole of it alone, and counts nothing afterwards', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await postGzip(jsonOf(MAX_BODIES_BYTES * 2))).status, 200);
    assert.equal((await postGzip(Buffer.from('{"input":'))).status, 400);
    const release = await holdBody(MAX_BODIES_BYTES - 10_000);
    assert.equal((await postGzip(jsonOf(1000))).status, 200, 'ten thousand bytes are free');
    await release();
  });
});

it('a queue full of panels refuses images before their body is read, but not texts', async () => {
  const { admission } = service.services.embedder;
  const release = admission.reserve(service.services.config.maxQueueItems);
  try {
    assert.equal((await postBytes(service.address, '/text', '{"input":"a"}')).status, 200);
    const image = await postBytes(service.address, '/image', 'any bytes', { 'content-type': 'image/png' });
    assertRefused(image, 429, 'queue_full', null);
  } finally {
    release();
  }
});

it('a body in a transfer encoding other than chunks is refused: 415', async () => {
  const { port, hostname } = new URL(service.address);
  const socket = connect(Number(port), hostname);
  const head = 'POST /v1/embeddings/text HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
  socket.write(`${head}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`);
  const [response] = await once(socket, 'data');
  socket.destroy();
  assert.match(String(response), /^HTTP\/1\.1 415 /);
});
