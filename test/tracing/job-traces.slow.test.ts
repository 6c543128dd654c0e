import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { Database } from '../../src/database/database.ts';
import { silentLogger } from '../support/in-process-service.ts';
import { type JobService, startJobService } from '../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../support/make-corpus.ts';
import { type CollectedSpan, type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

const PAGES = 110;
const CONSUMER = 5;

let collector: OtlpCollector;
let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [collector, corpus, tiny] = await Promise.all([startOtlpCollector(), makeCorpus(PAGES), makeTinyModel()]);
  service = await startJobService(tiny.home, corpus, {
    PANELVEC_WORKERS: '1',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.endpoint}/v1/traces`,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
});
after(async () => {
  await service.stop();
  await collector[Symbol.asyncDispose]();
  await corpus.remove();
  await tiny.remove();
});

const tasksOf = (jobId: string) =>
  collector.spans.filter(({ kind, attributes }) => kind === CONSUMER && attributes['panelvec.job.id'] === jobId);
const describeTask = ({ attributes }: CollectedSpan) =>
  `${attributes['panelvec.task.step']} ${attributes['panelvec.task.part']}`;

it('has the submission of a job and its tasks in another process in one trace', async () => {
  const { id } = await service.submit({ type: 'embed', output: 'traced', dataset: corpus.dataset });
  assert.equal((await service.waitForEnd(id)).state, 'succeeded');
  const tasks = await waitFor('the spans of all tasks', () => (tasksOf(id).length === 4 ? tasksOf(id) : undefined));
  assert.deepEqual(tasks.map(describeTask).sort(), ['finish 0', 'part 0', 'part 1', 'plan 0']);

  const job = collector.spans.find(
    ({ name, attributes }) => name === 'job embed' && attributes['panelvec.job.id'] === id,
  );
  assert.ok(job);
  const request = collector.spans.find(({ spanId }) => spanId === job.parentId);
  assert.equal(request?.name, 'POST /v1/jobs');
  for (const { parentId, traceId, service: name, isError } of tasks) {
    assert.deepEqual([parentId, traceId, name, isError], [job.spanId, request.traceId, 'panelvec-worker', false]);
  }
  const inWorker = collector.spans.filter(({ service: name }) => name === 'panelvec-worker');
  assert.ok(
    inWorker.every(({ traceId }) => traceId === request.traceId),
    'the worker polls its queue in no trace',
  );
});

it('has one query below a stream of events, and no error where its client leaves', async () => {
  const { id } = await service.submit({ type: 'embed', output: 'watched', dataset: corpus.dataset });
  const watch = async (spanId: string, read: (response: Response) => Promise<unknown>) => {
    const headers = { traceparent: `00-${'a'.repeat(32)}-${spanId}-01` };
    await read(await fetch(`${service.address}/v1/jobs/${id}/events`, { headers }));
    return waitFor('its span', () => collector.spans.find(({ parentId }) => parentId === spanId));
  };
  const left = await watch('1'.repeat(16), async ({ body }) => body?.cancel());
  const ended = await watch('2'.repeat(16), (response) => response.text());
  for (const span of [left, ended]) {
    assert.deepEqual([span.isError, span.attributes['http.response.status_code']], [false, 200]);
    assert.deepEqual(
      collector.childrenOf(span).map(({ name }) => name),
      ['SELECT panelvec.jobs'],
    );
  }
});

it('begins a trace for each task of a job that was submitted outside of one', async () => {
  const { id } = await service.submit({ type: 'embed', output: 'older', dataset: corpus.dataset });
  const database = new Database({ url: undefined, home: tiny.home, localSockets: 'unix' }, silentLogger);
  await database.query('UPDATE panelvec.jobs SET trace_headers = NULL WHERE id = $1', [id]);
  await database.close();
  assert.equal((await service.waitForEnd(id)).state, 'succeeded');
  const finish = await waitFor('its span', () => tasksOf(id).find((span) => describeTask(span) === 'finish 0'));
  assert.equal(finish.parentId, '');
});

it('marks tasks that failed', async () => {
  await rm(path.join(corpus.folder, 'pages'), { recursive: true });
  const { id } = await service.submit({ type: 'embed', output: 'failed', dataset: corpus.dataset });
  assert.equal((await service.waitForEnd(id)).state, 'failed');
  const failed = await waitFor('its span', () => tasksOf(id).find(({ isError }) => isError));
  assert.match(String(failed.attributes['error.type']), /^[a-z_]+$/i);
});
