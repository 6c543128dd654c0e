import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readCheckpoint } from '../../../src/training/checkpoint/checkpoint-file.ts';
import { train } from '../../../src/training/train.ts';
import { trainInProcess } from '../../../src/training/trainer-process/trainer-process.ts';
import type { TrainingPlan } from '../../../src/training/training-plan.ts';
import { trainingPaths } from '../../../src/training/training-plan.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  readTrainingOutput,
  recordHooks,
} from '../../support/generated-training-set.ts';

/** Names as they come up in the folder of the checkpoints: the process is killed when it has just written, linked, renamed. */
const FILE_PATTERNS = [
  /^best\.safetensors\.[-0-9a-f]{36}\.tmp$/,
  /^best\.safetensors$/,
  /^step-\d+\.safetensors\.[-0-9a-f]{36}\.tmp$/,
  /^step-\d+\.safetensors$/,
];
const KILL_STEPS = [2, 5, 9];
/** Long enough that there is something left to kill when the news of a step, or of a file, arrives. */
const OPTIONS = { epochs: 6 };

let generated: GeneratedTrainingSet;
let expected: Record<string, Buffer>;
before(async () => {
  generated = await generateTrainingSet();
  const plan = await generated.plan('undisturbed', OPTIONS);
  await train(plan, recordHooks());
  expected = await readTrainingOutput(plan);
});
after(() => generated.remove());

/** Runs the training in its process, which is given to `kill` as soon as it is there. */
async function trainAndKill(plan: TrainingPlan, onStep: (step: number, trainer: ChildProcess) => void): Promise<void> {
  let trainer: ChildProcess | undefined;
  const onSpawn = (message: unknown) => {
    trainer = (message as { process: ChildProcess }).process;
  };
  subscribe('child_process', onSpawn);
  try {
    const training = trainInProcess(
      plan,
      recordHooks((step) => onStep(step, trainer!)),
    );
    await assert.rejects(training, { code: 'worker_lost', message: /SIGKILL/ });
  } finally {
    unsubscribe('child_process', onSpawn);
  }
}

/** Kills when a file of such a name comes up. */
async function killWhileWriting(plan: TrainingPlan, pattern: RegExp): Promise<void> {
  const { checkpoints } = trainingPaths(plan.folder);
  await mkdir(checkpoints, { recursive: true });
  let trainer: ChildProcess | undefined;
  const watcher = watch(checkpoints, (_, file) => {
    if (file !== null && pattern.test(file)) trainer?.kill('SIGKILL');
  });
  try {
    await trainAndKill(plan, (_, child) => {
      trainer = child;
    });
  } finally {
    watcher.close();
  }
}

async function assertReadableBest({ folder }: TrainingPlan): Promise<void> {
  const best = path.join(trainingPaths(folder).checkpoints, 'best.safetensors');
  if (existsSync(best)) await readCheckpoint(best);
}

async function assertUndisturbedOutput(plan: TrainingPlan): Promise<void> {
  const output = await readTrainingOutput(plan);
  assert.equal(String(output['history']), String(expected['history']));
  for (const [name, bytes] of Object.entries(expected)) assert.ok(bytes.equals(output[name]!), `${name} differs`);
}

describe('a trainer that is killed', () => {
  it('at some step, twice, ends with the same bytes as one that was not killed', async () => {
    const plan = await generated.plan('steps', OPTIONS);
    for (const killStep of KILL_STEPS)
      await trainAndKill(plan, (step, trainer) => step >= killStep && trainer.kill('SIGKILL'));
    await train(plan, recordHooks());
    await assertUndisturbedOutput(plan);
  });

  it('while it writes a checkpoint, ends with the same bytes, and the best checkpoint is complete at any time', async () => {
    for (const [i, pattern] of FILE_PATTERNS.entries()) {
      const plan = await generated.plan(`writing ${i}`, OPTIONS);
      await killWhileWriting(plan, pattern);
      await assertReadableBest(plan);
      await train(plan, recordHooks());
      await assertUndisturbedOutput(plan);
    }
  });
});
