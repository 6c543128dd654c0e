import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PanelvecError } from '../../../src/errors.ts';
import type { EngineItem, EngineResult } from '../../../src/inference/engine-types.ts';
import { type SharedEngines, type SharedModel, serveEngines } from '../../../src/jobs/worker/shared-engines.ts';
import { waitForExit } from '../../../src/process/child-process.ts';
import { waitFor } from '../../support/wait-for.ts';

const TINY: SharedModel = { id: 'tiny@1', space: 'abc', folder: '/models/tiny', maxPanels: 2 };
const RESULT: EngineResult = { vectors: { vision: Float32Array.of(1, 2) }, gateWeights: null, backboneWeights: null };

interface Run extends PromiseWithResolvers<EngineResult> {
  readonly item: EngineItem;
  readonly signal: AbortSignal | undefined;
}

/** Engines whose runs end as the test says, by the name in their pixels. */
class ManualEngines implements SharedEngines {
  readonly runs = new Map<string, Run>();
  readonly models = new Map([[TINY.id, TINY]]);

  findShared(id: string): SharedModel | undefined {
    return this.models.get(id);
  }

  runBulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    assert.equal(model, TINY.id);
    const resolvers = Promise.withResolvers<EngineResult>();
    this.runs.set(Buffer.from(item.pixels ?? []).toString(), { ...resolvers, item, signal });
    return resolvers.promise;
  }

  async get(name: string): Promise<Run> {
    return waitFor(`the run of ${name}`, () => this.runs.get(name));
  }
}

describe('engines shared with a worker', () => {
  let engines: ManualEngines;
  let worker: ChildProcess;
  let outcomes: Map<string, unknown>;
  beforeEach(async () => {
    engines = new ManualEngines();
    outcomes = new Map();
    worker = fork(path.join(import.meta.dirname, 'shared-engines-process.ts'), {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    worker.on('message', ({ name, outcome }: { name: string; outcome?: unknown }) => outcomes.set(name, outcome));
    serveEngines(worker, engines);
    await waitFor('the worker', () => outcomes.has('started'));
    assert.deepEqual(await find(TINY.id), TINY);
  });
  afterEach(async () => {
    worker.kill('SIGKILL');
    await waitForExit(worker);
  });

  const find = async (id: string): Promise<unknown> => {
    outcomes.delete(id);
    worker.send({ find: id });
    return waitFor('the model', () => outcomes.get(id));
  };

  it('tell the worker which models they have at that time', async () => {
    assert.equal(await find('new@1'), 'none');
    engines.models.set('new@1', { ...TINY, id: 'new@1' });
    assert.deepEqual(await find('new@1'), { ...TINY, id: 'new@1' });
    engines.models.clear();
    assert.equal(await find(TINY.id), 'none');
  });

  it('compute what the worker asks for, and pass on errors with their code', async () => {
    worker.send({ run: 'good' });
    const good = await engines.get('good');
    assert.deepEqual(good.item.pixels, Uint8Array.from(Buffer.from('good')));
    good.resolve(RESULT);
    assert.deepEqual(await waitFor('the result', () => outcomes.get('good')), { result: RESULT });
    worker.send({ run: 'bad' });
    (await engines.get('bad')).reject(new PanelvecError('engine_unavailable', 'no engine was free in time'));
    assert.deepEqual(await waitFor('the error', () => outcomes.get('bad')), {
      code: 'engine_unavailable',
      message: 'no engine was free in time',
    });
  });

  it('get no more panels at a time than they share', async () => {
    for (const run of ['1', '2', '3']) worker.send({ run });
    // Messages keep their order: what the worker sent before its answer has arrived with it.
    worker.send({ ping: 'answer' });
    await waitFor('the answer', () => outcomes.has('answer'));
    assert.deepEqual([...engines.runs.keys()], ['1', '2']);
    (await engines.get('1')).resolve(RESULT);
    await engines.get('3');
  });

  it('are told when nobody wants a panel any more, and the worker does not wait for them', async () => {
    worker.send({ run: 'unwanted' });
    const { signal } = await engines.get('unwanted');
    worker.send({ abort: 'unwanted' });
    const outcome = await waitFor('the rejection', () => outcomes.get('unwanted'));
    assert.equal((outcome as { code: string }).code, 'request_cancelled');
    await waitFor('the cancellation', () => signal?.aborted);
  });

  it('give up the panels of a worker that is killed', async () => {
    worker.send({ run: 'orphan' });
    const { signal } = await engines.get('orphan');
    worker.kill('SIGKILL');
    await waitFor('the cancellation', () => signal?.aborted);
  });
});
