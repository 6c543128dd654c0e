import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import { requestTracing } from '../../src/http/plugins/request-tracing.ts';
import { RequestAborts } from '../../src/http/request-aborts.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { useTinyService } from '../support/tiny-service.ts';
import { waitFor } from '../support/wait-for.ts';

const service = useTinyService({ PANELVEC_REQUEST_TIMEOUT_SECONDS: '1' });

async function open(text: string): Promise<Socket> {
  const { port, hostname } = new URL(service.address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const head = (route: string, type = 'application/json', length = 5000) =>
  `POST ${route} HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;
const FORM = 'multipart/form-data; boundary=x';

interface Counts {
  readonly aborts: number;
  readonly requests: number;
}

/** How many requests were aborted for this reason, and how many have this status. */
async function readCounts(route: string, reason: string, status: number): Promise<Counts> {
  const text = await service.services.metrics.registry.metrics();
  const read = (name: string, labels: readonly string[]) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(name) && labels.every((label) => line.includes(label)))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
  return {
    aborts: read('panelvec_requests_aborted_total', [`route="${route}"`, `reason="${reason}"`]),
    requests: read('panelvec_http_request_duration_seconds_count', [`route="${route}"`, `status="${status}"`]),
  };
}

/** Asserts that an action ends in one more aborted request, which is counted once. */
async function assertCounted(
  route: string,
  reason: string,
  status: number,
  action: () => Promise<void>,
): Promise<void> {
  const before = await readCounts(route, reason, status);
  await action();
  await waitFor('the count', async () => (await readCounts(route, reason, status)).aborts > before.aborts);
  const requests = route === 'unknown' ? before.requests : before.requests + 1;
  assert.deepEqual(await readCounts(route, reason, status), { aborts: before.aborts + 1, requests });
}

describe('a client that goes away', () => {
  const uploads: readonly [string, string, string, string][] = [
    ['within its JSON', '/v1/embeddings/text', 'application/json', '{"input":'],
    [
      'within a form',
      '/v1/embeddings/image',
      FORM,
      '--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\nabc',
    ],
    ['within an image', '/v1/embeddings/image', 'image/png', 'abc'],
    ['within tensors', '/v2/models/:model/infer', 'application/octet-stream', '{"inputs":'],
    ['before its body', '/v1/embeddings/page', 'application/json', ''],
  ];
  for (const [when, route, type, begin] of uploads) {
    it(`${when} is counted with its route and the status 499`, () =>
      assertCounted(route, 'client_closed', 499, async () => {
        const started = once(service.app.server, 'request');
        const socket = await open(head(route.replace(':model', 'tiny'), type) + begin);
        await started;
        socket.destroy();
      }));
  }

  it('while its panels are computed is counted, and so is one that resets the connection', async () => {
    const body = JSON.stringify({ input: Array.from({ length: 60 }, (_, i) => `text number ${i} `.repeat(200)) });
    for (const end of [(socket: Socket) => socket.destroy(), (socket: Socket) => socket.resetAndDestroy()]) {
      await assertCounted('/v1/embeddings/text', 'client_closed', 499, async () => {
        const socket = await open(head('/v1/embeddings/text', 'application/json', body.length) + body);
        await waitFor('work', () => service.services.embedder.textAdmission.inFlight > 0);
        end(socket);
      });
    }
  });
});

describe('what the service ends', () => {
  it('a body that does not come in time: 408', () =>
    assertCounted('/v1/embeddings/text', 'timeout', 408, async () => {
      const socket = await open(`${head('/v1/embeddings/text')}{"input":`);
      const [response] = await once(socket, 'data');
      assert.match(String(response), /^HTTP\/1\.1 408 .*"type":"invalid_request_error","code":"request_timeout"/s);
    }));

  it('headers that do not come in time: counted without a route', () =>
    assertCounted('unknown', 'timeout', 408, async () => {
      const socket = await open('POST /v1/embeddings/text HTTP/1.1\r\nhost: a\r\n');
      const [response] = await once(socket, 'data');
      assert.match(String(response), /^HTTP\/1\.1 408 /);
    }));

  it('chunks that are none: 400', () =>
    assertCounted('/v1/embeddings/text', 'malformed', 400, async () => {
      const chunked = head('/v1/embeddings/text').replace('content-length: 5000', 'transfer-encoding: chunked');
      const socket = await open(`${chunked}nonsense\r\n`);
      const [response] = await once(socket, 'data');
      assert.match(String(response), /^HTTP\/1\.1 400 /);
    }));

  it('a refused body that does not end: it has its response, and gets no second one', async () => {
    const before = await readCounts('/v1/embeddings/text', 'timeout', 415);
    const socket = await open(head('/v1/embeddings/text', 'video/mp4'));
    let response = '';
    socket.on('data', (bytes) => {
      response += bytes;
    });
    await once(socket, 'close');
    assert.match(response, /^HTTP\/1\.1 415 /);
    assert.equal(response.match(/HTTP\/1\.1/g)?.length, 1, response);
    const readRequests = async () => (await readCounts('/v1/embeddings/text', 'timeout', 415)).requests;
    await waitFor('the count', async () => (await readRequests()) === before.requests + 1);
  });

  it('headers of more than 64 KiB: 431, while 40 kB of cookies are taken', async () => {
    const get = (bytes: number) =>
      `GET /v1/models HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncookie: ${'c=1; '.repeat(bytes / 5)}\r\n\r\n`;
    await assertCounted('unknown', 'headers_too_large', 431, async () => {
      const socket = await open(get(70_000));
      const [response] = await once(socket, 'data');
      assert.match(String(response), /^HTTP\/1\.1 431 .*"code":"headers_too_large"/s);
    });
    const [response] = await once(await open(get(40_000)), 'data');
    assert.match(String(response), /^HTTP\/1\.1 200 /);
  });
});

it('a stream of events that its client leaves is a response, and not aborted', async () => {
  const metrics = new Metrics();
  const app = Fastify();
  await app.register(requestTracing, { metrics, aborts: new RequestAborts(metrics) });
  app.get('/events', async (_, reply) => {
    const events = new Readable({ read() {} });
    events.push(':\n\n');
    return reply.type('text/event-stream').send(events);
  });
  try {
    const controller = new AbortController();
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    await fetch(`${address}/events`, { signal: controller.signal });
    controller.abort();
    await waitFor('the count', async () => (await metrics.registry.metrics()).includes('route="/events",status="200"'));
    assert.doesNotMatch(await metrics.registry.metrics(), /aborted_total\{/);
  } finally {
    await app.close();
  }
});

it('a request that gets its response is not counted as aborted', async () => {
  const before = await service.services.metrics.registry.getSingleMetricAsString('panelvec_requests_aborted_total');
  for (const path of ['/v1/models', '/v9', '/v1/embeddings/text']) await (await fetch(service.address + path)).text();
  const after = await service.services.metrics.registry.getSingleMetricAsString('panelvec_requests_aborted_total');
  assert.equal(after, before);
});
