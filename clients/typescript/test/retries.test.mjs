import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError, Panelvec, ResponseError } from '@panelvec/client';
import { refuse, startStub } from './stub-service.mjs';

const EMPTY = { status: 200, body: { data: [] } };
const TEXT = {
  status: 200,
  body: { model: 'm@1', space: 's', dimensions: 1, data: [{ embedding: 'AACAPw==', modalities: ['text'] }] },
};

describe('a busy service', () => {
  it('is asked again when it says, with the whole body', async () => {
    await using stub = await startStub((count) => (count < 3 ? refuse(250) : TEXT));
    const start = performance.now();
    const client = new Panelvec({ url: stub.url });
    const { vectors } = await client.texts(['a cat'], { priority: 'batch' });
    assert.deepEqual(vectors, [Float32Array.of(1)]);
    assert.ok(performance.now() - start >= 500);
    for (const { body, headers } of stub.received) {
      assert.deepEqual(JSON.parse(body), { encoding_format: 'base64', input: ['a cat'] });
      assert.equal(headers['x-priority'], 'batch');
    }
    const deadlines = stub.received.map(({ headers }) => Number(headers['x-request-timeout-ms']));
    assert.ok(deadlines[0] <= 120_000 && deadlines[0] > 100_000 && deadlines[2] <= deadlines[0] - 500);
  });

  it('is not waited for beyond the timeout', async () => {
    await using stub = await startStub(() => refuse(30_000));
    const client = new Panelvec({ url: stub.url, timeoutMs: 2000 });
    await assert.rejects(client.images([new Uint8Array(3)]), (error) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual(
        [error.status, error.code, error.requestId, error.retryAfterMs],
        [429, 'queue_full', 'r1', 30_000],
      );
      return true;
    });
    assert.equal(stub.received.length, 1);
  });

  it('is asked again by every call of `api`', async () => {
    await using stub = await startStub((count) => (count === 1 ? refuse(20) : EMPTY));
    const { data } = await new Panelvec({ url: stub.url, apiKey: 'k' }).api.GET('/v1/collections');
    assert.deepEqual(data, { data: [] });
    assert.deepEqual(
      stub.received.map(({ headers }) => headers.authorization),
      ['Bearer k', 'Bearer k'],
    );
  });

  it('is no longer waited for when the call is aborted', async () => {
    await using stub = await startStub(() => refuse(20_000));
    const signal = AbortSignal.timeout(200);
    await assert.rejects(new Panelvec({ url: stub.url }).texts(['a'], { signal }), { name: 'TimeoutError' });
  });

  it('is believed when it names no time', async () => {
    const error = { code: 'jobs_off', message: 'no jobs', param: null, request_id: 'r2' };
    await using stub = await startStub(() => ({ status: 503, body: { error } }));
    await assert.rejects(new Panelvec({ url: stub.url }).submitJob({}), { code: 'jobs_off', retryAfterMs: null });
    assert.equal(stub.received.length, 1);
  });
});

describe('a lost connection', () => {
  it('is made again, and a job is submitted once', async () => {
    await using stub = await startStub((count) => (count < 3 ? {} : { status: 202, body: { id: 'j' } }));
    await new Panelvec({ url: stub.url }).submitJob({ type: 'embed' });
    const keys = stub.received.map(({ headers }) => headers['idempotency-key']);
    assert.equal(keys.length, 3);
    assert.equal(new Set(keys).size, 1);
    assert.match(keys[0] ?? '', /^[\da-f-]{36}$/);
  });

  it('is given up after three tries', async () => {
    await using stub = await startStub(() => ({}));
    await assert.rejects(new Panelvec({ url: stub.url }).texts(['a']), TypeError);
    assert.equal(stub.received.length, 3);
  });

  it('does not lose events of a job', async () => {
    const event = (id, state) => `id: ${id}\nevent: job\ndata: ${JSON.stringify({ id: 'j', state })}\n\n`;
    const bodies = [event(3, 'queued') + event(4, 'running'), ':\n\n', event(9, 'succeeded')];
    await using stub = await startStub((count) => {
      if (count === 3) return {};
      const body = bodies[Math.min(count, 3) - 1];
      const length = count === 2 ? { 'content-length': '100' } : {};
      return { status: 200, headers: { 'content-type': 'text/event-stream', ...length }, body };
    });
    const states = [];
    for await (const job of new Panelvec({ url: stub.url }).followJob('j')) states.push(job.state);
    assert.deepEqual(states, ['queued', 'running', 'succeeded']);
    assert.deepEqual(
      stub.received.map(({ headers }) => headers['last-event-id']),
      [undefined, '4', '4', '4'],
    );
  });
});

describe('a response', () => {
  it('of a gateway is an error with its text', async () => {
    await using stub = await startStub(() => ({ status: 502, headers: { 'x-request-id': 'g1' }, body: 'Bad Gateway' }));
    await assert.rejects(new Panelvec({ url: stub.url }).texts(['a']), {
      code: 'http_502',
      requestId: 'g1',
      message: 'Bad Gateway (502 http_502, request g1)',
    });
  });

  it('with vectors of another length is refused', async () => {
    const body = { ...TEXT.body, dimensions: 2 };
    await using stub = await startStub(() => ({ status: 200, body }));
    await assert.rejects(new Panelvec({ url: stub.url }).texts(['a']), ResponseError);
  });
});
