import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { cp, truncate } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { isAlive } from '../../../src/alive.ts';
import { ended } from '../../../src/child-process.ts';
import { train } from '../../../src/training/train.ts';
import { trainInProcess } from '../../../src/training/trainer/trainer-process.ts';
import type { FromParent } from '../../support/training-parent.ts';
import { type DrawnSet, drawTrainingSet, listen, outcome } from '../../support/training-set.ts';
import { waitFor } from '../../support/wait.ts';

const PARENT = path.join(import.meta.dirname, '../../support/training-parent.ts');
/** More than would ever be over before the end of the test. */
const ENDLESS = { epochs: 10_000 };

let set: DrawnSet;
before(async () => {
  set = await drawTrainingSet();
});
after(() => set.remove());

it('a training in a process tells what one in this process does, and leaves the same bytes', async () => {
  const [here, there] = [await set.plan('here'), await set.plan('there')];
  const [one, other] = [listen(), listen()];
  const { result, ...summary } = await train(here, one);
  const { result: checkpoint, ...told } = await trainInProcess(there, other);
  assert.deepEqual(told, summary);
  assert.equal(path.relative(there.folder, checkpoint), path.relative(here.folder, result));
  assert.deepEqual(other.records, one.records);
  assert.deepEqual(await outcome(there), await outcome(here));
});

it('a stop keeps a checkpoint and rejects with its reason', async () => {
  const plan = await set.plan(
    'stopped',
    { ...ENDLESS, save_every_steps: 1000, save_every: 1000 },
    { validationFraction: 0 },
  );
  const reason = new Error('enough');
  let last = 0;
  const heard = listen((step) => {
    last = step;
    if (step === 3) heard.stop(reason);
  });
  await assert.rejects(trainInProcess(plan, heard), (error) => error === reason);
  const next = listen((step) => {
    assert.equal(step, last + 1);
    next.stop(reason);
  });
  await assert.rejects(train(plan, next), reason);
});

it('a signal that was given before starts nothing', async () => {
  const heard = listen();
  heard.stop(new Error('before'));
  await assert.rejects(trainInProcess(await set.plan('never'), heard), /before/);
});

it('a parent that is killed takes its trainer along, which writes nothing more', async () => {
  const plan = await set.plan('orphan', ENDLESS);
  const parent = fork(PARENT, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const seen = { trainer: 0, step: 0 };
  parent.on('message', (message: FromParent) => Object.assign(seen, message));
  parent.send(plan);
  try {
    await waitFor('some steps', () => seen.step > 5);
    assert.ok(isAlive(seen.trainer));
  } finally {
    const end = ended(parent);
    parent.kill('SIGKILL');
    await end;
  }
  // It had 40 000 steps to go.
  await waitFor('the end of the trainer', () => !isAlive(seen.trainer));
});

it('a plan that cannot work says why, with its code and field', async () => {
  const torn = path.join(set.folder, 'torn.safetensors');
  await cp(set.parts[0]!, torn);
  await truncate(torn, 1000);
  const plan = await set.plan('torn', {}, { parts: [torn] });
  await assert.rejects(trainInProcess(plan, listen()), {
    name: 'PanelvecError',
    code: 'weights_invalid',
    message: /torn/,
  });
  const large = await set.plan('large', { batch_size: 500 });
  const expected = { name: 'PanelvecError', code: 'dataset_invalid', param: 'training.batch_size' };
  await assert.rejects(trainInProcess(large, listen()), expected);
});
