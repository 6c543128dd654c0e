import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { drawPngPanel } from '../support/images.ts';
import { useTinyService } from '../support/tiny-service.ts';
import { waitFor } from '../support/wait-for.ts';

const IDLE_CONNECTIONS = 1000;
const SENDERS = 50;
const BOMB_BYTES = 100 * 2 ** 20;
const HEAD = 'POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\n';

const service = useTinyService({ PANELVEC_REQUEST_TIMEOUT_SECONDS: '2' });
const sockets: Socket[] = [];
let png: Buffer<ArrayBufferLike>;
let expected: string;

/** Resolves with the response to a good request. @throws AssertionError if it is refused */
async function embed(): Promise<string> {
  const response = await fetch(`${service.address}/v1/embeddings/image`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: new Uint8Array(png),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

async function open(count: number, head = ''): Promise<Socket[]> {
  const { hostname, port } = new URL(service.address);
  const opened = Array.from({ length: count }, () => connect(Number(port), hostname));
  for (const socket of opened) socket.on('error', () => {});
  sockets.push(...opened);
  await Promise.all(opened.map((socket) => once(socket, 'connect')));
  for (const socket of opened) if (head !== '') socket.write(head);
  return opened;
}

/** Requests that have not come to their end, by the reason. */
async function countAborted(reason: string): Promise<number> {
  const text = await (await fetch(`${service.address}/metrics`)).text();
  const lines = text.matchAll(/^panelvec_requests_aborted_total\{([^}]*)\} (\d+)$/gm);
  return [...lines].reduce((sum, [, labels, value]) => sum + (labels?.includes(`"${reason}"`) ? Number(value) : 0), 0);
}

/** All that a server sends until it closes the connection. */
async function readAll(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

describe('a good request is answered as if it were alone', () => {
  before(async () => {
    png = await drawPngPanel(1);
    expected = await embed();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('beside a thousand idle connections', async () => {
    const idle = await open(IDLE_CONNECTIONS);
    assert.equal(await embed(), expected);
    assert.ok(
      idle.some((socket) => !socket.destroyed),
      'they are still there',
    );
  });

  it('beside bodies that never end, which get 408, are closed and counted', async () => {
    const aborted = await countAborted('timeout');
    const senders = await open(SENDERS, `${HEAD}content-length: ${png.length}\r\n\r\n`);
    for (const socket of senders) socket.write(png.subarray(0, 10));
    const responses = senders.map(readAll);
    assert.equal(await embed(), expected);
    for (const response of await Promise.all(responses)) assert.match(response, /^HTTP\/1\.1 408 .*request_timeout/s);
    await waitFor('all to be counted', async () => (await countAborted('timeout')) === aborted + SENDERS);
  });

  it('beside senders of a byte at a time, whether of heads or of chunks', async () => {
    const heads = await open(SENDERS, 'GET /v1/models HTTP/1.1\r\nx-slow: ');
    const chunks = await open(SENDERS, `${HEAD}transfer-encoding: chunked\r\n\r\n`);
    const timer = setInterval(() => {
      for (const socket of heads) if (socket.writable) socket.write('a');
      for (const socket of chunks) if (socket.writable) socket.write('1\r\na\r\n');
    }, 50);
    const responses = [...heads, ...chunks].map(readAll);
    assert.equal(await embed(), expected);
    for (const response of await Promise.all(responses)) assert.match(response, /^HTTP\/1\.1 408 /);
    clearInterval(timer);
    assert.equal(await embed(), expected);
  });

  it('beside bodies that become far larger than they are, which get 413', async () => {
    const bomb = gzipSync(Buffer.alloc(BOMB_BYTES, 0x20));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const bombs = Array.from({ length: 8 }, async () => {
      const body = new Uint8Array(bomb);
      const response = await fetch(`${service.address}/v1/embeddings/text`, { method: 'POST', headers, body });
      await response.arrayBuffer();
      return response.status;
    });
    assert.equal(await embed(), expected);
    // Those that find the memory of bodies taken by the others are sent away before they are read.
    for (const status of await Promise.all(bombs)) assert.ok([413, 429, 503].includes(status), String(status));
  });

  it('beside clients that vanish within their requests, which are counted, and leave nothing in work', async () => {
    const aborted = await countAborted('client_closed');
    const clients = await open(SENDERS, `${HEAD}content-length: ${png.length}\r\n\r\n`);
    for (const socket of clients) socket.write(png.subarray(0, png.length / 2));
    assert.equal(await embed(), expected);
    for (const socket of clients) socket.resetAndDestroy();
    await waitFor('all to be counted', async () => (await countAborted('client_closed')) >= aborted + SENDERS);
    const { queue } = (await (await fetch(`${service.address}/v1/status`)).json()) as { queue: Record<string, number> };
    assert.equal(
      Object.entries(queue).reduce((sum, [name, value]) => sum + (/waiting|in_work/.test(name) ? value : 0), 0),
      0,
      JSON.stringify(queue),
    );
    assert.equal(await embed(), expected);
  });
});
