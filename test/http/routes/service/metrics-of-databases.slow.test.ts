import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { RunningService } from '../../../../src/http/server.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../../../support/database-proxy.ts';
import { startPostgres, type TestDatabase } from '../../../support/databases.ts';
import { startService } from '../../../support/in-process-service.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';

/** After which Prometheus gives up a scrape */
const SCRAPE_TIMEOUT_MS = 10_000;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let database: TestDatabase;
let proxy: DatabaseProxy;
let service: RunningService;

before(async () => {
  tiny = await makeTinyModel();
  database = await startPostgres();
  proxy = await startDatabaseProxy(database.url ?? assert.fail());
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'tiny',
    PANELVEC_JOBS: 'on',
    PANELVEC_WORKERS: '0',
    DATABASE_URL: proxy.url,
  });
});
after(async () => {
  await proxy?.stop();
  await service?.close();
  await database?.stop();
  await tiny?.remove();
});

async function readMetrics(): Promise<string> {
  const response = await fetch(`${service.address}/metrics`, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) });
  return response.text();
}

it('metrics show that the database is up, and what waits in it', async () => {
  await service.app.inject({
    method: 'POST',
    url: '/v1/jobs',
    payload: { type: 'embed', output: 'store', dataset: { pages: 'examples/pages' } },
  });
  const text = await readMetrics();
  assert.match(text, /^panelvec_database_up\{database="jobs"\} 1$/m);
  assert.match(text, /^panelvec_jobs\{type="embed",state="queued"\} 1$/m);
  assert.match(text, /^panelvec_jobs\{type="train",state="failed"\} 0$/m);
  assert.match(text, /^panelvec_tasks\{state="waiting"\} 1$/m);
  assert.match(text, /^panelvec_tasks\{state="running"\} 0$/m);
});

it('a database that hangs does not take the other metrics with it', async () => {
  proxy.hang();
  const text = await readMetrics();
  assert.match(text, /^panelvec_database_up\{database="jobs"\} 0$/m);
  assert.match(text, /^panelvec_ready 1$/m);
  assert.doesNotMatch(text, /^panelvec_(jobs|tasks)\{/m);
});
