import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { drawPngPanel } from '../../support/images.ts';
import { assertRefused, postBytes } from '../../support/strict-service.ts';
import { useTinyService } from '../../support/tiny-service.ts';
import { waitFor } from '../../support/wait-for.ts';

const service = useTinyService({ PANELVEC_MAX_WAIT_SECONDS: '2' });

const png = await drawPngPanel(1);

function postImage(headers: Record<string, string> = {}) {
  return postBytes(service.address, '/image', new Uint8Array(png), { 'content-type': 'image/png', ...headers });
}

async function connectToService(): Promise<Socket> {
  const { port, hostname } = new URL(service.address);
  const accepted = once(service.app.server, 'connection');
  const socket = connect(Number(port), hostname);
  await accepted;
  return socket;
}

/** Lets the engine stand still while something is tried. */
async function withStoppedEngine(run: () => Promise<void>): Promise<void> {
  const pid = service.services.pool.engines[0]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    await run();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

async function readMetric(line: RegExp): Promise<number> {
  const text = await service.services.metrics.registry.metrics();
  return Number(line.exec(text)?.[1] ?? 0);
}

describe('the deadline of a request', () => {
  it('lets it pass where it is done in time', async () => {
    assert.equal((await postImage({ 'x-request-timeout-ms': '60000' })).status, 200);
  });

  it('is a 504 when it passes in work, at once, and the work is dropped', () =>
    withStoppedEngine(async () => {
      const { admission } = service.services.embedder;
      const before = await readMetric(/deadline_exceeded_total\{phase="working"\} (\d+)/);
      // Two batches are with the engine; the third panel waits for it.
      const others = [postImage(), postImage(), postImage()].map((response) => response.then(({ status }) => status));
      await waitFor('work', () => admission.inFlight === 3);
      const startTime = performance.now();
      const late = await postImage({ 'x-request-timeout-ms': '300' });
      assertRefused(late, 504, 'deadline_exceeded', null);
      assert.ok(performance.now() - startTime < 5000);
      assert.equal(await readMetric(/deadline_exceeded_total\{phase="working"\} (\d+)/), before + 1);
      process.kill(service.services.pool.engines[0]?.pid ?? 0, 'SIGCONT');
      assert.deepEqual(await Promise.all(others), [200, 200, 200]);
      await waitFor('the end of all work', () => admission.inFlight === 0);
    }));

  it('is a 504 when it passes while the body is read, and the response arrives', async () => {
    const { port, hostname } = new URL(service.address);
    const socket = connect(Number(port), hostname);
    const head =
      'POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\nx-request-timeout-ms: 100\r\n';
    socket.write(`${head}content-length: ${png.byteLength}\r\n\r\n`);
    socket.write(png.subarray(0, 100));
    const [response] = await once(socket, 'data');
    assert.match(String(response), /^HTTP\/1\.1 504 /);
    // The connection goes on after the rest of the body.
    socket.write(png.subarray(100));
    const next = once(socket, 'data');
    socket.write('GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n');
    let text = String((await next)[0]);
    while (!text.includes('"live"')) text += String((await once(socket, 'data'))[0]);
    socket.destroy();
  });

  for (const value of ['0', '600001', '1.5', 'soon', '']) {
    it(`is refused where it is "${value}"`, async () => {
      assertRefused(await postImage({ 'x-request-timeout-ms': value }), 400, 'invalid_request', 'x-request-timeout-ms');
    });
  }

  it('says nothing to routes that do not embed', async () => {
    const response = await fetch(`${service.address}/v1/models`, { headers: { 'x-request-timeout-ms': 'soon' } });
    assert.equal(response.status, 200);
  });
});

describe('the priority of a request', () => {
  it('is one of two', async () => {
    assert.equal((await postImage({ 'x-priority': 'batch' })).status, 200);
    assertRefused(await postImage({ 'x-priority': 'urgent' }), 400, 'invalid_request', 'x-priority');
  });
});

describe('a request that would wait too long', () => {
  it('is refused before its body is read, with the time until there is room; others go on', async () => {
    const { waitAdmission } = service.services.embedder;
    const place = waitAdmission.admit({ cost: 1000 * waitAdmission.rate, priority: 'interactive' });
    const refused = await postImage();
    place.release();
    assertRefused(refused, 429, 'queue_full', null);
    const seconds = Number(refused.headers.get('retry-after'));
    assert.ok(seconds > 2 && seconds <= 60, String(seconds));
    assert.equal(refused.headers.get('x-retry-after-ms'), refused.headers.get('retry-after-ms'));
    assert.equal(Math.ceil(Number(refused.headers.get('x-retry-after-ms')) / 1000), seconds);
    assert.equal(await readMetric(/refused_total\{reason="wait"\} (\d+)/), 1);
    assert.equal((await postImage()).status, 200);
  });

  it('is refused in turns with hundreds of others, so that they delay nothing else', async (t) => {
    const { waitAdmission } = service.services.embedder;
    const place = waitAdmission.admit({ cost: 1000 * waitAdmission.rate, priority: 'interactive' });
    const hold = t.mock.method(waitAdmission, 'hold');
    let before = 0;
    let most = 0;
    let isRunning = true;
    const countTurn = () => {
      most = Math.max(most, hold.mock.callCount() - before);
      before = hold.mock.callCount();
      if (isRunning) setImmediate(countTurn);
    };
    const sockets: Socket[] = [];
    while (sockets.length < 200) sockets.push(await connectToService());
    countTurn();
    const responses = sockets.map(async (socket) => {
      socket.write(
        'POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: 1\r\n\r\nx',
      );
      const [bytes] = await once(socket, 'data');
      socket.destroy();
      return String(bytes);
    });
    for (const response of await Promise.all(responses)) assert.match(response, /^HTTP\/1\.1 429 /);
    isRunning = false;
    place.release();
    assert.ok(most <= 16, `${most} in one turn of the event loop`);
  });

  it('is admitted where nothing is in work, whatever its deadline', async () => {
    const response = await postImage({ 'x-request-timeout-ms': '60000', 'x-priority': 'interactive' });
    assert.equal(response.status, 200);
  });
});
