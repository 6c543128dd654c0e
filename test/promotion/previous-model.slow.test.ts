import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RunningService } from '../../src/http/server.ts';
import { startService } from '../support/in-process-service.ts';
import { findChildPids } from '../support/job-service-process.ts';
import { activate, createAsks, rollback } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

const ROLLBACK_SECONDS = 3;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;
before(async () => {
  tiny = await makeTinyModel({ name: 'first' });
  await makeTinyModel({ home: tiny.home, name: 'second', seed: 2 });
  await makeTinyModel({ home: tiny.home, name: 'third', seed: 3 });
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'first',
    PANELVEC_JOBS: 'on',
    PANELVEC_WORKERS: '0',
    PANELVEC_ROLLBACK_SECONDS: String(ROLLBACK_SECONDS),
    // A model that is served no longer stays for requests that may have found it before.
    PANELVEC_REQUEST_TIMEOUT_SECONDS: '1',
    PANELVEC_QUEUE_TIMEOUT_SECONDS: '1',
  });
});
after(async () => {
  await service?.close();
  await tiny?.remove();
});

function pidsOf(id: string): number[] {
  return service.services.pool.engines.flatMap(({ model, pid }) => (model === id && pid !== undefined ? [pid] : []));
}

const enginePids = () => findChildPids(process.pid, 'panelvec-engine');

describe('the model before an activation', () => {
  it('stays loaded for PANELVEC_ROLLBACK_SECONDS, then its engines end', async () => {
    const { address, services } = service;
    const { text } = await createAsks();
    await activate(address, 'second@1');
    const second = await text(address);
    const pids = pidsOf('second@1');
    assert.equal(pids.length, 1);
    await activate(address, 'third@1');
    const activatedTime = performance.now();
    assert.deepEqual(await text(address, 'second'), second, 'it is served while a rollback may come');

    await waitFor('the engines to end', () => pids.every((pid) => !enginePids().includes(pid)));
    assert.ok(performance.now() - activatedTime >= ROLLBACK_SECONDS * 1000);
    assert.equal(services.pool.isLoaded('second@1'), false);
    await assert.rejects(text(address, 'second'), /model_not_found/);
    const loaded = [...pidsOf('first@1'), ...pidsOf('third@1')];
    assert.deepEqual(enginePids().sort(), loaded.sort(), 'no other engine is left');

    assert.equal((await rollback(address)).model, 'second@1');
    assert.deepEqual(await text(address), second, 'a rollback loads it again');
  });
});
