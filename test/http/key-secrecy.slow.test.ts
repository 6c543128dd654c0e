import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createKey } from '../../src/access/key-records.ts';
import { SCOPES } from '../../src/access/scopes.ts';
import { Database } from '../../src/database/database.ts';
import type { JobResponse } from '../../src/http/routes/jobs/job-schemas.ts';
import { hasEnded } from '../../src/jobs/job.ts';
import { localSockets } from '../support/databases.ts';
import { silentLogger } from '../support/in-process-service.ts';
import { type JobService, startJobService } from '../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../support/make-corpus.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

const PAGES = 4;

describe('a key', () => {
  let corpus: Corpus;
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  let service: JobService;
  /** What the service and its workers write to their logs */
  let log = '';
  /** All responses, with their headers */
  let responses = '';
  let key: string;
  let database: Database;

  before(async () => {
    [corpus, tiny] = await Promise.all([makeCorpus(PAGES), makeTinyModel()]);
    service = await startJobService(tiny.home, corpus, { PANELVEC_WORKERS: '1', LOG_LEVEL: 'trace' });
    service.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    database = new Database({ url: undefined, home: tiny.home, localSockets }, silentLogger);
    ({ key } = await createKey(database, { name: 'secrecy test', scopes: SCOPES, expiresAt: null }));
  });
  after(async () => {
    await database.close();
    await service.stop();
    await corpus.remove();
    await tiny.remove();
  });

  async function call(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${service.address}${url}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    responses += `${JSON.stringify([...response.headers])}\n${text}\n`;
    return { status: response.status, text };
  }

  /** What the database of the service has, as text */
  async function readTables(): Promise<string> {
    const { rows } = await database.query<{ name: string }>(
      `SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname LIKE 'panelvec%'`,
    );
    const texts: string[] = [];
    for (const { name } of rows) texts.push(JSON.stringify((await database.query(`SELECT * FROM ${name}`)).rows));
    return texts.join('\n');
  }

  async function runJob(spec: object): Promise<JobResponse> {
    const { status, text } = await call('POST', '/v1/jobs', spec);
    assert.equal(status, 202, text);
    const { id } = JSON.parse(text) as JobResponse;
    return waitFor(
      'the job to end',
      async () => {
        const job = JSON.parse((await call('GET', `/v1/jobs/${id}`)).text) as JobResponse;
        return hasEnded(job.state) ? job : undefined;
      },
      120_000,
    );
  }

  it('is in no log, response, metric, job, table or file of the service, whatever it is sent with', async () => {
    const spec = { type: 'embed', dataset: corpus.dataset, output: 'secrecy' };
    const succeeded = await runJob(spec);
    assert.equal(succeeded.state, 'succeeded');
    await call('GET', `/v1/jobs/${succeeded.id}/events`);
    await call('GET', '/v1/jobs');
    await call('POST', '/v1/jobs', { ...spec, output: 'secrecy', surplus: true });
    await call('POST', '/v1/jobs', '{"type": ');
    await call('POST', '/v1/embeddings/text', { input: ['rain'] });
    await call('POST', '/v1/embeddings', { model: 'tiny', input: 'rain' });
    await call('POST', '/v1/embeddings/image', 'no picture', { 'content-type': 'image/png' });
    await call('GET', `/v1/models?api_key=${key}`);
    await call('GET', '/v1/unknown');
    await call('GET', '/v1/status');
    await call('GET', '/v1/access');
    await call('GET', '/openapi.json');
    await call('GET', '/v1/models', undefined, { 'x-api-key': `${key}x` });
    await call('GET', '/v1/models', undefined, { authorization: `Bearer ${key}x` });
    await call('GET', '/v1/models', undefined, { authorization: `Basic ${key}` });
    assert.match((await call('GET', '/metrics')).text, /panelvec_/);
    await waitFor('the log of the last request', () => log.includes('"route":"/metrics"'));

    // The id of a key is no secret.
    const secret = key.slice('pv_'.length + 13);
    assert.ok(!log.includes(secret), 'log');
    assert.ok(!responses.includes(secret), 'responses');
    assert.ok(!(await readTables()).includes(secret), 'tables');
    for (const entry of await readdir(tiny.home, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      // The database may remove a file of its own meanwhile.
      const content = await readFile(file).catch(() => Buffer.alloc(0));
      assert.ok(!content.includes(secret), file);
    }
  });
});
