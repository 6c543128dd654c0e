import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readCheckpoint } from '../../../src/training/checkpoint/checkpoint-file.ts';
import { train } from '../../../src/training/train.ts';
import { trainInProcess } from '../../../src/training/trainer/trainer-process.ts';
import { trainingFiles } from '../../../src/training/training-files.ts';
import type { TrainingPlan } from '../../../src/training/training-plan.ts';
import { type DrawnSet, drawTrainingSet, listen, outcome } from '../../support/training-set.ts';

/** Names as they come up in the folder of the checkpoints: the process is killed when it has just written, linked, renamed. */
const MOMENTS = [
  /^pending\.safetensors\.\d+\.tmp$/,
  /^pending\.safetensors$/,
  /^best\.safetensors\.tmp$/,
  /^best\.safetensors$/,
  /^step-/,
];
const STEPS = [2, 5, 9];
/** Long enough that there is something left to kill when the news of a step, or of a file, arrives. */
const OPTIONS = { epochs: 6 };

let set: DrawnSet;
let expected: Record<string, Buffer>;
before(async () => {
  set = await drawTrainingSet();
  const plan = await set.plan('undisturbed', OPTIONS);
  await train(plan, listen());
  expected = await outcome(plan);
});
after(() => set.remove());

/** Runs the training in its process, which is given to `kill` as soon as it is there. */
async function trainKilled(plan: TrainingPlan, onStep: (step: number, trainer: ChildProcess) => void): Promise<void> {
  let trainer: ChildProcess | undefined;
  const made = (message: unknown) => {
    trainer = (message as { process: ChildProcess }).process;
  };
  subscribe('child_process', made);
  try {
    const training = trainInProcess(
      plan,
      listen((step) => onStep(step, trainer!)),
    );
    await assert.rejects(training, { code: 'worker_lost', message: /SIGKILL/ });
  } finally {
    unsubscribe('child_process', made);
  }
}

/** Kills when a file of such a name comes up. */
async function killWhileWriting(plan: TrainingPlan, name: RegExp): Promise<void> {
  const { checkpoints } = trainingFiles(plan.folder);
  await mkdir(checkpoints, { recursive: true });
  let victim: ChildProcess | undefined;
  const watcher = watch(checkpoints, (_, file) => {
    if (file !== null && name.test(file)) victim?.kill('SIGKILL');
  });
  try {
    await trainKilled(plan, (_, trainer) => {
      victim = trainer;
    });
  } finally {
    watcher.close();
  }
}

async function assertWholeBest({ folder }: TrainingPlan): Promise<void> {
  const best = path.join(trainingFiles(folder).checkpoints, 'best.safetensors');
  if (existsSync(best)) await readCheckpoint(best);
}

async function assertSame(plan: TrainingPlan): Promise<void> {
  const found = await outcome(plan);
  assert.equal(String(found['history']), String(expected['history']));
  for (const [name, bytes] of Object.entries(expected)) assert.ok(bytes.equals(found[name]!), `${name} differs`);
}

describe('a trainer that is killed', () => {
  it('at some step, and again, ends with the bytes of one that was not', async () => {
    const plan = await set.plan('steps', OPTIONS);
    for (const at of STEPS) await trainKilled(plan, (step, trainer) => step >= at && trainer.kill('SIGKILL'));
    await train(plan, listen());
    await assertSame(plan);
  });

  it('while it writes a checkpoint, ends with the bytes of one that was not, and the best is whole at any time', async () => {
    for (const [at, name] of MOMENTS.entries()) {
      const plan = await set.plan(`writing ${at}`, OPTIONS);
      await killWhileWriting(plan, name);
      await assertWholeBest(plan);
      await train(plan, listen());
      await assertSame(plan);
    }
  });
});
