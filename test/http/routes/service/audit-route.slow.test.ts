import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { EXAMPLES_FOLDER } from '../../../../src/example-pages.ts';
import type { RunningService } from '../../../../src/http/server.ts';
import { useCollectionService } from '../../../support/collection-service.ts';
import { startService } from '../../../support/in-process-service.ts';
import { activate } from '../../../support/promotion-service.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';
import { waitFor } from '../../../support/wait-for.ts';

const service = useCollectionService();
const dataset = {
  manifest: path.join(EXAMPLES_FOLDER, 'manifest.csv'),
  pss_labels: path.join(EXAMPLES_FOLDER, 'pss_labels.json'),
  panels: { format: 'vlm', root: path.join(EXAMPLES_FOLDER, 'vlm') },
};

async function readAudit(query: Record<string, string>, lines: number) {
  return waitFor('the audit', async () => {
    const { body } = await request(service.address).get('/v1/audit').query(query).expect(200);
    return body.data.length === lines ? body : undefined;
  });
}

describe('GET /v1/audit', () => {
  it('has a line for each job that was submitted or cancelled, and for each collection that was deleted', async () => {
    await service.fill('comics', [{ canonicalId: 'book/1', texts: ['a text'] }]);
    const submit = () =>
      request(service.address)
        .post('/v1/jobs')
        .set('idempotency-key', 'once')
        .send({ type: 'embed', output: 'audited', dataset });
    const submitted = await submit().expect(202);
    const { id } = submitted.body;
    await submit().expect(200);
    await request(service.address).post(`/v1/jobs/${id}/cancel`).expect(200);
    await request(service.address).delete('/v1/collections/comics').expect(200);
    await request(service.address).delete('/v1/collections/comics').expect(404);

    const { data, next } = await readAudit({}, 3);
    assert.equal(next, null);
    assert.deepEqual(
      data.map(({ caller, key_id, action, subject, detail }: Record<string, unknown>) => [
        caller,
        key_id,
        action,
        subject,
        detail,
      ]),
      [
        ['anonymous', null, 'collection.delete', 'comics', null],
        ['anonymous', null, 'job.cancel', id, { type: 'embed' }],
        ['anonymous', null, 'job.submit', id, { type: 'embed' }],
      ],
    );
    assert.equal(data[2].request_id, submitted.headers['x-request-id']);
    const first = await readAudit({ limit: '1' }, 1);
    assert.equal(first.next, first.data[0].id);
    assert.equal((await readAudit({ subject: id, action: 'job.cancel' }, 1)).data[0].action, 'job.cancel');
    await request(service.address).get('/v1/audit?action=none').expect(400);
    await request(service.address).get('/v1/audit?subject=%00').expect(400);
  });
});

describe('the audit of promotions', () => {
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  let promoting: RunningService;
  before(async () => {
    tiny = await makeTinyModel({ name: 'first' });
    await makeTinyModel({ home: tiny.home, name: 'second' });
    const environment = { PANELVEC_MODELS: 'first', PANELVEC_JOBS: 'on', PANELVEC_WORKERS: '0' };
    promoting = await startService({ PANELVEC_HOME: tiny.home, ...environment });
  });
  after(async () => {
    await promoting?.close();
    await tiny?.remove();
  });

  it('has a line for each activation, rollback, canary that has ended, and alias that was removed', async () => {
    const { address, services } = promoting;
    const { promotions } = services;
    await activate(address, 'second@1', {});
    await request(address).post('/v1/models/rollback').send({}).expect(200);
    await request(address).post('/v1/models/rollback').send({}).expect(409);
    await activate(address, 'second@1', { canary: 0.5 });
    const canary = promotions.aliases().find(({ alias }) => alias === 'default')?.canary ?? assert.fail();
    await promotions.endCanary(canary.id, 'a test');
    await promotions.endCanary(canary.id, 'a test');
    await request(address).delete('/v1/aliases/default').query({ force: true }).expect(200);

    const lines = await waitFor('the audit', async () => {
      const { body } = await request(address).get('/v1/audit').expect(200);
      return body.data.length === 5 && body.data;
    });
    assert.deepEqual(
      lines.map(({ caller, action, subject }: Record<string, unknown>) => [caller, action, subject]),
      [
        ['anonymous', 'alias.remove', 'default'],
        ['service', 'model.canary_end', 'second@1'],
        ['anonymous', 'model.activate', 'second@1'],
        ['anonymous', 'model.rollback', 'first@1'],
        ['anonymous', 'model.activate', 'second@1'],
      ],
    );
    assert.deepEqual(lines[1].detail, { alias: 'default', reason: 'a test' });
    assert.equal(lines[2].detail.canary, 0.5);
  });
});
