import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { testSeed } from '../support/seed.ts';
import { checkOutcome } from './check-outcome.ts';
import { fuzz } from './fuzz.ts';
import { FuzzRandom } from './fuzz-random.ts';
import { makeFuzzRequest } from './fuzz-request.ts';
import { startFuzzService } from './fuzz-service.ts';
import { makeSamplePictures } from './sample-pictures.ts';
import { makeSampleRequests } from './sample-requests.ts';

const REQUESTS = 300;

describe('damaged requests', () => {
  it('get a response of the 2xx or 4xx in the one form, and change nothing for good requests', async (t) => {
    const seed = testSeed(t);
    await using service = await startFuzzService();
    // The files of failures stay behind, so that they can be sent again.
    const failuresFolder = await mkdtemp(path.join(tmpdir(), 'panelvec-fuzz-failures-'));
    const { problems, engineRestarts, statuses } = await fuzz(service, {
      seed,
      first: 0,
      requests: REQUESTS,
      failuresFolder,
    });
    assert.deepEqual(problems, []);
    assert.equal(engineRestarts, 0);
    assert.ok(Number(statuses['200']) > 0 && Number(statuses['400']) > 0, JSON.stringify(statuses));
    // A guard at the door would keep all from what is behind it.
    assert.ok(Number(statuses['403'] ?? 0) < REQUESTS / 10, JSON.stringify(statuses));
  });

  it('are the same for the same seed and index', async () => {
    const samples = makeSampleRequests('0'.repeat(16));
    const pictures = await makeSamplePictures();
    const make = () => makeFuzzRequest(samples, pictures, new FuzzRandom(5, 7));
    assert.deepEqual(make(), make());
  });
});

describe('the check of an outcome', () => {
  const request = {
    method: 'POST',
    target: '/v1/embeddings/text',
    notes: [],
    delivery: 'whole',
    bytes: Buffer.alloc(0),
    deservesResponse: true,
    hasDeadline: false,
  } as const;
  const check = (status: number, body: unknown) =>
    checkOutcome(request, {
      hung: false,
      ms: 1,
      responses: [
        { status, headers: new Map([['content-type', 'application/json']]), body: Buffer.from(JSON.stringify(body)) },
      ],
    });
  const checkHead = (status: number, hasDeadline: boolean) =>
    checkOutcome(
      { ...request, method: 'HEAD', hasDeadline },
      {
        hung: false,
        ms: 1,
        responses: [{ status, headers: new Map([['content-type', 'application/json']]), body: Buffer.alloc(0) }],
      },
    );
  const errorOf = (code: string, message = 'no') => ({
    error: { type: 'invalid_request_error', code, message, param: null, request_id: 'a' },
  });

  it('takes errors of the client and honest refusals', () => {
    assert.deepEqual(check(400, errorOf('invalid_request')), []);
    assert.deepEqual(check(503, errorOf('queue_full')), []);
    assert.deepEqual(check(200, { data: [{ embedding: [0.5] }] }), []);
    assert.deepEqual(checkHead(504, true), []);
  });

  it('finds errors of the server, of another form, with internals, and vectors with holes', () => {
    assert.match(check(500, errorOf('internal'))[0] ?? '', /error of the server/);
    assert.match(check(504, errorOf('deadline_exceeded'))[0] ?? '', /error of the server/);
    assert.match(checkHead(504, false)[0] ?? '', /error of the server/);
    assert.match(checkHead(500, true)[0] ?? '', /error of the server/);
    assert.match(check(400, { message: 'no' })[0] ?? '', /another form/);
    assert.match(check(400, errorOf('a', 'at /src/http/app.ts:12'))[0] ?? '', /internals/);
    assert.match(check(200, { data: [{ embedding: [null] }] })[0] ?? '', /not finite/);
    assert.match(checkOutcome(request, { responses: [], hung: false, ms: 1 })[0] ?? '', /without a response/);
    assert.match(checkOutcome(request, { responses: [], hung: true, ms: 1 })[0] ?? '', /neither/);
  });
});
