import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { type MlflowOptions, MlflowRun } from '../../src/mlflow/mlflow-run.ts';
import type { HistoryRecord } from '../../src/training/history/history-record.ts';
import { waitFor } from '../support/wait-for.ts';
import { type FailureMode, FakeMlflowServer, type StoredRun } from './fake-mlflow-server.ts';

const NEVER_ABORTED = new AbortController().signal;
/** Short, as nobody waits here; the time for a request is only that short where none is to come. */
const SETTINGS = {
  intervalMs: 1,
  requestTimeoutMs: 20_000,
  retryDelayMs: 1,
  maxRetryDelayMs: 5,
  finishTimeoutMs: 20_000,
};

describe('an MLflow run', () => {
  let server: FakeMlflowServer;
  let logLines: { level: number; msg: string; err?: { message: string }; [field: string]: unknown }[];

  let folder: string;
  let files: readonly string[];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-mlflow-'));
    files = ['report.html', 'summary.json'].map((name) => path.join(folder, name));
    for (const file of files) await writeFile(file, `content of ${path.basename(file)}`);
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    server = await FakeMlflowServer.start();
    logLines = [];
  });
  afterEach(() => server[Symbol.asyncDispose]());

  function start({ settings, ...options }: Partial<MlflowOptions> = {}): MlflowRun {
    const log = pino({ level: 'info' }, { write: (line) => logLines.push(JSON.parse(line)) });
    const run = {
      trackingUri: server.uri,
      experiment: 'comics & more',
      runName: 'first',
      runId: undefined,
      params: {},
      tags: {},
    };
    return MlflowRun.start({ ...run, log, signal: NEVER_ABORTED, ...options, settings: { ...SETTINGS, ...settings } });
  }

  const stepRecord = (step: number, values: Record<string, number> = { loss: step / 2 }): HistoryRecord => {
    return { kind: 'step', epoch: 1, step, values };
  };
  const onlyRun = (): StoredRun => {
    assert.equal(server.runs.size, 1);
    return server.runs.values().next().value!;
  };
  const lossSteps = (run: StoredRun) => run.metrics.filter(({ key }) => key === 'loss').map(({ step }) => step);
  const warnings = () => logLines.filter(({ level }) => level >= 40).map(({ msg }) => msg);
  const range = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i);
  const waitForCalls = (count: number) => waitFor(`${count} calls`, () => server.calls.length >= count);

  it('has its experiment, name, params, tags, metrics and final status at the server', async () => {
    const before = Date.now();
    const run = start({ params: { lr: '0.001', 'a:b': 'c' }, tags: { job: '17' } });
    run.log(stepRecord(1, { loss: 2.5, grad_norm: Number.NaN, learning_rate: Number.POSITIVE_INFINITY }));
    run.log({ kind: 'epoch', epoch: 1, step: 4, values: { loss: 2, validation_loss: 0.5 } });
    await run.finish('FINISHED');
    const storedRun = onlyRun();
    assert.equal(run.id, 'run-1');
    assert.deepEqual([...server.experiments], [['comics & more', storedRun.experiment]]);
    assert.deepEqual([storedRun.name, storedRun.status], ['first', 'FINISHED']);
    assert.ok(storedRun.endTime! >= before && storedRun.endTime! <= Date.now());
    assert.deepEqual(
      [...storedRun.params],
      [
        ['lr', '0.001'],
        ['a_b', 'c'],
      ],
    );
    assert.equal(storedRun.tags.get('job'), '17');
    assert.deepEqual(
      storedRun.metrics.map(({ key, value, step }) => [key, value, step]),
      [
        ['loss', 2.5, 1],
        ['epoch_loss', 2, 4],
        ['validation_loss', 0.5, 4],
      ],
    );
    for (const { timestamp } of storedRun.metrics) assert.ok(timestamp >= before && timestamp <= Date.now());
    assert.deepEqual(warnings(), []);
  });

  it('has the files of the training as artefacts, where the server stores them', async () => {
    await start().finish('FINISHED', files);
    assert.deepEqual(
      [...onlyRun().artifacts],
      [
        ['report.html', 'content of report.html'],
        ['summary.json', 'content of summary.json'],
      ],
    );
    assert.deepEqual(logLines, []);
  });

  for (const artifactRoot of ['s3://bucket', 'mlflow-artifacts://elsewhere:5000']) {
    it(`keeps the files here where artefacts go elsewhere: ${artifactRoot}`, async () => {
      server.artifactRoot = artifactRoot;
      await start().finish('FINISHED', files);
      assert.deepEqual([onlyRun().status, onlyRun().artifacts.size], ['FINISHED', 0]);
      assert.deepEqual(
        logLines.map(({ msg }) => msg),
        ['MLflow stores no artefacts itself: the files of the training stay here'],
      );
    });
  }

  it('is finished even where a file cannot be sent', async () => {
    await start().finish('FINISHED', [path.join(folder, 'missing.html')]);
    assert.equal(onlyRun().status, 'FINISHED');
    assert.deepEqual(warnings(), ['cannot send the files of the training to MLflow']);
  });

  it('joins an existing experiment, also one that another client created meanwhile', async () => {
    server.experiments.set('comics & more', '42');
    await start().finish('FINISHED');
    assert.equal(onlyRun().experiment, '42');
    server.experimentHiddenOnce = 'comics & more';
    await start().finish('FINISHED');
    assert.deepEqual(
      Array.from(server.runs.values(), ({ experiment }) => experiment),
      ['42', '42'],
    );
    assert.deepEqual(warnings(), []);
  });

  it('respects the limits of a request, and sends one at a time', async () => {
    const params = Object.fromEntries(
      range(250).map((number) => [`p${number}`, number === 1 ? '😀'.repeat(4000) : 'v']),
    );
    const run = start({ params, tags: Object.fromEntries(range(101).map((number) => [`t${number}`, 'v'])) });
    for (const number of range(3500)) run.log(stepRecord(number));
    await run.finish('FINISHED');
    assert.deepEqual(lossSteps(onlyRun()), range(3500));
    assert.equal(onlyRun().params.size, 250);
    assert.match(onlyRun().params.get('p1')!, /^(😀){2999}\ufffd?…$/u);
    assert.equal(onlyRun().tags.size, 102);
    assert.equal(server.calls.filter((call) => call === 'runs/log-batch').length, 2 + 3 + 4);
    assert.equal(server.maxActiveRequests, 1);
    assert.deepEqual(warnings(), []);
  });

  it('sends values before it is finished', async () => {
    const run = start();
    run.log(stepRecord(1));
    await waitFor('a metric', () => server.runs.get('run-1')?.metrics.length);
    run.log(stepRecord(2));
    await waitFor('another', () => onlyRun().metrics.length === 2);
    await run.finish('KILLED');
    assert.deepEqual([onlyRun().status, lossSteps(onlyRun())], ['KILLED', [1, 2]]);
  });

  it('sends a full batch without waiting for the interval', async () => {
    const run = start({ settings: { intervalMs: 1e9 } });
    await waitFor('the run', () => run.id);
    for (const number of range(1000)) run.log(stepRecord(number));
    await waitFor('the batch', () => onlyRun().metrics.length === 1000);
    await run.finish('FINISHED');
  });

  it('resumes the run of an id, whose params stay', async () => {
    const first = start({ params: { lr: '1' } });
    first.log(stepRecord(1));
    await first.finish('KILLED');
    const second = start({ runId: first.id, params: { lr: '2' }, tags: { try: '2' } });
    await waitFor('the run to go on', () => onlyRun().status === 'RUNNING');
    assert.equal(onlyRun().endTime, undefined);
    second.log(stepRecord(2));
    await second.finish('FINISHED');
    assert.equal(second.id, first.id);
    assert.deepEqual([onlyRun().status, lossSteps(onlyRun())], ['FINISHED', [1, 2]]);
    assert.deepEqual([onlyRun().params.get('lr'), onlyRun().tags.get('try')], ['1', '2']);
    assert.deepEqual(warnings(), ['MLflow refuses the params or tags of the run']);
  });

  it('starts a new run where the server no longer has the old one', async () => {
    const run = start({ runId: 'deleted' });
    assert.equal(run.id, 'deleted');
    await run.finish('FINISHED');
    assert.equal(run.id, 'run-1');
    assert.deepEqual(warnings(), ['MLflow no longer has the run: a new one starts']);
  });

  for (const failureMode of ['ill', 'proxy', 'redirects'] satisfies FailureMode[]) {
    it(`keeps its values while the server is unavailable, and logs once per outage (${failureMode})`, async () => {
      server.failureMode = failureMode;
      const run = start();
      run.log(stepRecord(1));
      await waitForCalls(10);
      assert.equal(run.id, undefined);
      server.failureMode = 'well';
      await waitFor('the metric', () => server.runs.get('run-1')?.metrics.length);
      await waitFor('the good news', () => logLines.some(({ msg }) => msg === 'MLflow is available again'));
      server.failureMode = failureMode;
      run.log(stepRecord(2));
      await waitForCalls(server.calls.length + 10);
      server.failureMode = 'well';
      await run.finish('FINISHED');
      assert.deepEqual(lossSteps(onlyRun()), [1, 2]);
      assert.deepEqual(warnings(), Array(2).fill('MLflow is unavailable: the training continues, and its values wait'));
    });
  }

  it('aborts requests that are not answered', async () => {
    server.failureMode = 'hangs';
    const run = start({ settings: { requestTimeoutMs: 20 } });
    run.log(stepRecord(1));
    await waitForCalls(3);
    assert.equal(logLines[0]!.err?.message, 'no answer in 0.02 s');
    server.failureMode = 'well';
    await waitFor('the metric', () => server.runs.get('run-1')?.metrics.length);
    await run.finish('FINISHED');
  });

  it('is created once by a server that creates it without an answer', async () => {
    server.failureMode = 'mute';
    server.failingEndpoint = 'runs/create';
    const run = start({ settings: { requestTimeoutMs: 20 } });
    await waitForCalls(3);
    server.failureMode = 'well';
    await run.finish('FINISHED');
    assert.equal(run.id, 'run-1');
    assert.equal(onlyRun().status, 'FINISHED');
  });

  it('drops the oldest values while the server stays unavailable, and logs it once', async () => {
    server.failureMode = 'ill';
    const run = start({ settings: { maxPending: 100 } });
    for (const number of range(1000)) run.log(stepRecord(number));
    await waitForCalls(3);
    server.failureMode = 'well';
    await run.finish('FINISHED');
    const keptSteps = lossSteps(onlyRun());
    assert.ok(keptSteps.length > 90 && keptSteps.length <= 100, `${keptSteps.length} values`);
    assert.deepEqual(keptSteps, range(keptSteps.length, 1001 - keptSteps.length));
    assert.equal(warnings().filter((message) => message.includes('dropped')).length, 1);
  });

  it('drops values that are refused, logs it once, and sends the others', async () => {
    const run = start();
    for (const number of [1, 2, 3]) {
      const callsBefore = server.calls.length;
      run.log(stepRecord(number, { refused_by_server: 1 }));
      await waitFor('a refusal', () => server.calls.slice(callsBefore).includes('runs/log-batch'));
    }
    run.log(stepRecord(4));
    await run.finish('FINISHED');
    assert.deepEqual(lossSteps(onlyRun()), [4]);
    assert.deepEqual(warnings(), ['MLflow refuses values: they are dropped']);
  });

  it('ends in bounded time although the server hangs, and logs the number of unsent values', async () => {
    server.failureMode = 'hangs';
    const run = start({ settings: { finishTimeoutMs: 30 } });
    run.log(stepRecord(1));
    await waitForCalls(1);
    await run.finish('FAILED');
    assert.deepEqual(warnings(), ['cannot send the final status of the run to MLflow']);
    assert.deepEqual([logLines[0]!.err?.message, logLines[0]!.unsent], ['not done in 0.03 s', 1]);
  });

  it('ends at once where no server listens', async () => {
    await server[Symbol.asyncDispose]();
    const run = start();
    run.log(stepRecord(1));
    await run.finish('FAILED');
    assert.equal(warnings().at(-1), 'cannot send the final status of the run to MLflow');
    assert.match(String(logLines.at(-1)!.err?.message), /ECONNREFUSED/);
    server = await FakeMlflowServer.start();
  });

  it('sends only its final status after its signal is aborted', async () => {
    server.failureMode = 'hangs';
    const cancelled = new AbortController();
    const run = start({ signal: cancelled.signal });
    run.log(stepRecord(1));
    await waitForCalls(1);
    cancelled.abort();
    server.failureMode = 'well';
    run.log(stepRecord(2));
    await run.finish('KILLED');
    await run.finish('FINISHED');
    assert.deepEqual([onlyRun().status, lossSteps(onlyRun())], ['KILLED', [1]]);
    assert.deepEqual(warnings(), []);
  });

  it('authenticates with the user of the address, or with a token, and logs neither', async () => {
    const trackingUri = `http://me:p%40ss@${server.host}/tracking`;
    await start({ trackingUri, token: 'unused' }).finish('FINISHED');
    assert.deepEqual([...server.authorizations], [`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
    server.authorizations.clear();
    await start({ token: 'secret-token' }).finish('FINISHED');
    assert.deepEqual([...server.authorizations], ['Bearer secret-token']);
    server.failureMode = 'ill';
    await start({ trackingUri }).finish('FINISHED');
    await start({ token: 'secret-token' }).finish('FINISHED');
    assert.equal(warnings().length > 0, true);
    assert.doesNotMatch(JSON.stringify(logLines), /p%40ss|p@ss|secret-token/);
  });

  it('does not keep a process alive that does not finish it', async () => {
    const program = `
      import { pino } from 'pino';
      import { MlflowRun } from ${JSON.stringify(import.meta.resolve('../../src/mlflow/mlflow-run.ts'))};
      const described = { experiment: 'e', runName: 'r', runId: undefined, params: {}, tags: {} };
      const signal = new AbortController().signal;
      MlflowRun.start({ trackingUri: '${server.uri}', ...described, log: pino(), signal, settings: { intervalMs: 1e9 } });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    assert.equal(onlyRun().status, 'RUNNING');
  });

  for (const trackingUri of ['', 'mlruns', 'file:///tmp/mlruns', 'ftp://me:secret@host/']) {
    it(`is refused for an invalid address: "${trackingUri}"`, () => {
      assert.throws(
        () => start({ trackingUri }),
        (error: Error & { code: string }) => error.code === 'config_invalid' && !error.message.includes('secret'),
      );
    });
  }
});
