import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { cp, truncate } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { waitForExit } from '../../../src/process/child-process.ts';
import { train } from '../../../src/training/train.ts';
import { trainInProcess } from '../../../src/training/trainer-process/trainer-process.ts';
import { isProcessRunning } from '../../../src/util/is-process-running.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  readTrainingOutput,
  recordHooks,
} from '../../support/generated-training-set.ts';
import type { ParentMessage } from '../../support/training-parent-process.ts';
import { waitFor } from '../../support/wait-for.ts';

const PARENT = path.join(import.meta.dirname, '../../support/training-parent-process.ts');
/** More than would ever be over before the end of the test. */
const ENDLESS_OPTIONS = { epochs: 10_000 };

let generated: GeneratedTrainingSet;
before(async () => {
  generated = await generateTrainingSet();
});
after(() => generated.remove());

it('a training in a process reports what one in this process reports, and writes the same bytes', async () => {
  const [localPlan, childPlan] = [await generated.plan('here'), await generated.plan('there')];
  const [localHooks, childHooks] = [recordHooks(), recordHooks()];
  const { result, ...summary } = await train(localPlan, localHooks);
  const { result: checkpoint, ...childSummary } = await trainInProcess(childPlan, childHooks);
  assert.deepEqual(childSummary, summary);
  assert.equal(path.relative(childPlan.folder, checkpoint), path.relative(localPlan.folder, result));
  assert.deepEqual(childHooks.records, localHooks.records);
  assert.deepEqual(await readTrainingOutput(childPlan), await readTrainingOutput(localPlan));
});

it('a stop keeps a checkpoint and rejects with its reason', async () => {
  const plan = await generated.plan(
    'stopped',
    { ...ENDLESS_OPTIONS, save_every_steps: 1000, save_every: 1000 },
    { validationFraction: 0 },
  );
  const reason = new Error('enough');
  let lastStep = 0;
  const hooks = recordHooks((step) => {
    lastStep = step;
    if (step === 3) hooks.stop(reason);
  });
  await assert.rejects(trainInProcess(plan, hooks), (error) => error === reason);
  const resumed = recordHooks((step) => {
    assert.equal(step, lastStep + 1);
    resumed.stop(reason);
  });
  await assert.rejects(train(plan, resumed), reason);
});

it('a signal that was aborted before starts nothing', async () => {
  const hooks = recordHooks();
  hooks.stop(new Error('before'));
  await assert.rejects(trainInProcess(await generated.plan('never'), hooks), /before/);
});

it('the trainer of a parent that is killed ends, and writes nothing more', async () => {
  const plan = await generated.plan('orphan', ENDLESS_OPTIONS);
  const parent = fork(PARENT, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const reported = { trainer: 0, step: 0 };
  parent.on('message', (message: ParentMessage) => Object.assign(reported, message));
  parent.send(plan);
  try {
    await waitFor('some steps', () => reported.step > 5);
    assert.ok(isProcessRunning(reported.trainer));
  } finally {
    const exited = waitForExit(parent);
    parent.kill('SIGKILL');
    await exited;
  }
  // It had 40 000 steps to go.
  await waitFor('the end of the trainer', () => !isProcessRunning(reported.trainer));
});

it('a plan that cannot work fails with a code and a field', async () => {
  const tornFile = path.join(generated.folder, 'torn.safetensors');
  await cp(generated.parts[0]!, tornFile);
  await truncate(tornFile, 1000);
  const plan = await generated.plan('torn', {}, { partFiles: [tornFile] });
  await assert.rejects(trainInProcess(plan, recordHooks()), {
    name: 'PanelvecError',
    code: 'weights_invalid',
    message: /torn/,
  });
  const oversized = await generated.plan('large', { batch_size: 500 });
  const expected = { name: 'PanelvecError', code: 'dataset_invalid', param: 'training.batch_size' };
  await assert.rejects(trainInProcess(oversized, recordHooks()), expected);
});
