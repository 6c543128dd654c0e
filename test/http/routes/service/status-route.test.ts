import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import request from 'supertest';
import { schemaValidation } from '../../../../src/http/plugins/schema-validation.ts';
import { type StatusResponse, statusRoute } from '../../../../src/http/routes/service/status-route.ts';
import type { JobsHealth } from '../../../../src/jobs/jobs.ts';
import type { Services } from '../../../../src/services.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

const service = useTinyService();

async function readStatus(): Promise<StatusResponse> {
  return (await request(service.address).get('/v1/status').expect(200)).body;
}

async function statusWith(
  health: JobsHealth | null,
  collections = service.services.collections,
): Promise<StatusResponse> {
  const app = Fastify();
  await app.register(schemaValidation);
  await app.register(statusRoute, { ...service.services, collections, jobs: { health: async () => health } });
  const { body } = await app.inject('/v1/status');
  await app.close();
  return JSON.parse(body);
}

describe('GET /v1/status', () => {
  it('counts what was computed and answered since the start', async () => {
    const before = await readStatus();
    await request(service.address)
      .post('/v1/embeddings/text')
      .send({ input: ['a', 'b', 'c'] })
      .expect(200);
    const { totals, queue } = await readStatus();
    assert.equal(totals.items - before.totals.items, 3);
    assert.ok(totals.requests - before.totals.requests >= 1);
    assert.deepEqual([totals.failed_requests, totals.engine_restarts], [0, 0]);
    assert.deepEqual(queue, { waiting: 0, in_work: 0, texts_in_work: 0 });
  });

  it('has no problems while all is well, and no jobs where they are off', async () => {
    const status = await readStatus();
    assert.deepEqual([status.ready, status.problems, status.jobs], [true, [], null]);
    assert.match(status.search_problem ?? '', /PANELVEC_SEARCH=off/);
    assert.deepEqual(status.engines, [{ device: 0, index: 0, warm: true, provider: 'cpu', fallback: null }]);
    const { p50, p99, max } = status.event_loop_delay;
    assert.ok(p50 >= 0 && p50 <= p99 && p99 <= max, `${p50} ${p99} ${max}`);
  });

  it('says in words why collections that should be there cannot be searched', async () => {
    const use = () => Promise.reject(new Error('collections need pgvector'));
    const collections = { isEnabled: true, use } as unknown as Services['collections'];
    const status = await statusWith(null, collections);
    assert.deepEqual(status.problems, ['collections cannot be searched: collections need pgvector']);
  });

  it('says in words what is wrong with the jobs', async () => {
    const health: JobsHealth = {
      database: 'server',
      databaseProblem: 'connect ECONNREFUSED',
      workers: { expected: 3, running: 1, asleep: 1 },
      states: {},
    };
    const { problems, jobs } = await statusWith(health);
    assert.deepEqual(problems, [
      'the database of the jobs cannot be used: connect ECONNREFUSED',
      '1 of 3 workers are not running',
    ]);
    assert.equal(jobs?.database_problem, 'connect ECONNREFUSED');
    const well = await statusWith({
      ...health,
      databaseProblem: null,
      workers: { expected: 2, running: 1, asleep: 1 },
      states: { running: 1 },
    });
    assert.deepEqual([well.problems, well.jobs?.states], [[], { running: 1 }]);
  });
});
