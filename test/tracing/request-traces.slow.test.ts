import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { after, before, it } from 'node:test';
import { ImageHost } from '../support/image-host.ts';
import { drawPanel, drawPngPanel, toDataUri } from '../support/images.ts';
import { type CollectedSpan, type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.ts';
import { type ServiceProcess, spawnService } from '../support/service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

/** In a text of a request */
const SECRET = 'never-in-a-trace';

let collector: OtlpCollector;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: ServiceProcess;
let imageHost: ImageHost;
const logLines: Record<string, unknown>[] = [];
before(async () => {
  [collector, tiny, imageHost] = await Promise.all([startOtlpCollector(), makeTinyModel(), ImageHost.start()]);
  service = await spawnService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'tiny',
    PANELVEC_JOBS: 'on',
    PANELVEC_IMAGE_URL_HOSTS: `http://127.0.0.1:${imageHost.port}`,
    PANELVEC_WORKERS: '1',
    LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
  });
  assert.ok(service.child.stdout);
  createInterface(service.child.stdout).on('line', (line) => logLines.push(JSON.parse(line)));
});
after(async () => {
  service.child.kill('SIGTERM');
  await service.exited;
  await collector[Symbol.asyncDispose]();
  await imageHost[Symbol.asyncDispose]();
  await tiny.remove();
});

/** The ids of a caller, each different. */
function newCaller(flags = '01') {
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  const [traceId, spanId] = [`1${hex(31)}`, `1${hex(15)}`];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-${flags}` } };
}

function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(service.address + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Waits for the span of the request: those below it have ended before. */
function findRequest(traceId: string): Promise<CollectedSpan> {
  return waitFor('the span of the request', () =>
    collector.spans.find((span) => span.traceId === traceId && span.kind === 2),
  );
}

it('makes one tree of a page: request, decoding, queue and batch, below the caller', async () => {
  const caller = newCaller();
  const form = new FormData();
  const boxes = [
    [0, 0, 60, 90],
    [60, 0, 120, 90],
  ];
  form.set('request', JSON.stringify({ panels: boxes.map((bbox) => ({ bbox, text: SECRET })) }));
  form.set('image', new Blob([await drawPanel(1).png().toBuffer()], { type: 'image/png' }), 'page.png');
  const response = await fetch(`${service.address}/v1/embeddings/page`, {
    method: 'POST',
    headers: { ...caller.headers, 'x-request-id': 'gateway-7' },
    body: form,
  });
  assert.equal(response.status, 200, await response.clone().text());
  assert.equal(response.headers.get('x-request-id'), 'gateway-7');

  const request = await findRequest(caller.traceId);
  assert.equal(request.name, 'POST /v1/embeddings/page');
  assert.equal(request.parentId, caller.spanId);
  assert.deepEqual(request.attributes, {
    'http.request.method': 'POST',
    'http.route': '/v1/embeddings/page',
    'http.response.status_code': 200,
    'panelvec.request_id': 'gateway-7',
  });
  assert.equal(request.service, 'panelvec');
  const children = collector.childrenOf(request).toSorted((a, b) => Number(a.startNs - b.startNs));
  const names = children.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], ['decode', 'resize', 'queue', 'engine batch']);
  const batch = children.find(({ name }) => name === 'engine batch');
  assert.equal(batch?.attributes['panelvec.model'], 'tiny@1');
  assert.equal(batch?.attributes['panelvec.panels'], 2);
  assert.ok(Number(batch?.attributes['panelvec.engine.vision_seconds']) > 0);
  for (const { startNs, endNs } of children) {
    assert.ok(startNs >= request.startNs - 5_000_000n && endNs <= request.endNs + 5_000_000n && startNs <= endNs);
  }
});

it('has the host of an image that was fetched, and not its URL', async () => {
  const caller = newCaller();
  const png = await drawPngPanel(2);
  imageHost.respond = (_, response) => response.end(png);
  const input = `http://127.0.0.1:${imageHost.port}/${SECRET}?${SECRET}`;
  const response = await post('/v1/embeddings/image', { input }, caller.headers);
  assert.equal(response.status, 200);
  const children = collector.childrenOf(await findRequest(caller.traceId));
  const fetched = children.find(({ name }) => name === 'fetch image');
  assert.deepEqual([fetched?.kind, fetched?.attributes], [3, { 'server.address': '127.0.0.1' }]);
  assert.equal(imageHost.requests.at(-1)?.headers['traceparent'], undefined);
});

it('links the spans of requests that were in one batch', async () => {
  const callers = Array.from({ length: 12 }, () => newCaller());
  const image = toDataUri(await drawPngPanel(3));
  const responses = await Promise.all(
    callers.map(({ headers }, i) => post('/v1/embeddings/panel', { input: [{ image, text: `boom ${i}` }] }, headers)),
  );
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
  const requests = await Promise.all(callers.map(({ traceId }) => findRequest(traceId)));
  const batches = requests
    .flatMap((request) => collector.childrenOf(request))
    .filter(({ name }) => name === 'engine batch');
  const shared = batches.filter(({ attributes }) => Number(attributes['panelvec.batch.panels']) > 1);
  assert.ok(shared.length > 1, 'no two of twelve requests at once were in one batch');
  const requestIds = new Set(requests.map(({ spanId }) => spanId));
  for (const { links, attributes, parentId } of shared) {
    assert.equal(links.length, Number(attributes['panelvec.batch.panels']) - 1);
    assert.ok(links.every((id) => requestIds.has(id) && id !== parentId));
  }
});

it('has the calls of the database below the request, without their values', async () => {
  const caller = newCaller();
  const id = randomUUID();
  const response = await fetch(`${service.address}/v1/jobs/${id}`, { headers: caller.headers });
  assert.equal(response.status, 404);
  const request = await findRequest(caller.traceId);
  assert.deepEqual(
    collector.childrenOf(request).map(({ name, kind, attributes }) => ({ name, kind, attributes })),
    [
      {
        name: 'SELECT panelvec.jobs',
        kind: 3,
        attributes: {
          'db.system.name': 'postgresql',
          'db.operation.name': 'SELECT',
          'db.query.summary': 'SELECT panelvec.jobs',
        },
      },
    ],
  );
  assert.ok(!collector.text.includes(id));
});

it('marks requests of which the service is at fault, and tells codes of the others', async () => {
  const caller = newCaller();
  const response = await post('/v1/embeddings/text', { input: 7 }, caller.headers);
  assert.equal(response.status, 400);
  const request = await findRequest(caller.traceId);
  assert.equal(request.isError, false);
  assert.equal(request.attributes['panelvec.error.code'], 'invalid_request');
  const line = await waitFor('its line', () => logLines.find((each) => each['trace_id'] === caller.traceId));
  assert.deepEqual([line['code'], line['span_id']], ['invalid_request', request.spanId]);
});

it('ends the span of a request whose client has left', async () => {
  const caller = newCaller();
  const controller = new AbortController();
  const response = fetch(`${service.address}/v1/embeddings/text`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...caller.headers },
    body: new ReadableStream({
      start: (stream) => {
        stream.enqueue(new TextEncoder().encode('{'));
        setImmediate(() => setTimeout(() => controller.abort(), 100));
      },
    }),
    signal: controller.signal,
    duplex: 'half',
  } as RequestInit);
  await assert.rejects(response);
  const request = await findRequest(caller.traceId);
  assert.equal(request.attributes['error.type'], 'aborted');
  assert.equal(request.attributes['http.response.status_code'], undefined);
});

it('has no spans of unsampled requests, and of those that monitoring sends', async () => {
  const [unsampled, health, metrics, last] = [newCaller('00'), newCaller(), newCaller(), newCaller()];
  assert.equal((await post('/v1/embeddings/text', { input: ['a'] }, unsampled.headers)).status, 200);
  await fetch(`${service.address}/health/ready`, { headers: health.headers });
  await fetch(`${service.address}/metrics`, { headers: metrics.headers });
  await post('/v1/embeddings/text', { input: ['a'] }, last.headers);
  await findRequest(last.traceId);
  for (const { traceId } of [unsampled, health, metrics])
    assert.deepEqual(
      collector.spans.filter((span) => span.traceId === traceId),
      [],
    );
});

it('replaces an id of a gateway that is no id', async () => {
  for (const id of ['x'.repeat(129), 'a b', 'a"b', '<script>']) {
    const { headers } = await fetch(`${service.address}/health/live`, { headers: { 'x-request-id': id } });
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  }
});

it('sends nothing of what requests say, in protobuf to /v1/traces', () => {
  assert.ok(!collector.text.includes(SECRET));
  for (const request of collector.requests) {
    assert.deepEqual(request, { url: '/v1/traces', type: 'application/x-protobuf' });
  }
  assert.ok(collector.text.includes('deployment.environment'));
});
