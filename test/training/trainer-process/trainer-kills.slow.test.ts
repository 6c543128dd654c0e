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
  listCheckpoints,
  MODEL_PARTS,
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
const HEAD_PATTERNS = [/^fitted-head\.safetensors\.[-0-9a-f]{36}\.tmp$/, /^fitted-head\.safetensors$/];
const KILL_STEPS = [2, 5, 9, 14, 20];
/**
 * Long enough that there is something left to kill when the news of a step, or of a file, arrives. With all that draws at random, or
 * keeps something beside the weights.
 */
const OPTIONS = { epochs: 8, views: 3, texts: 'drawn', weight_averaging: 0.9, learning_rate: 1e-3 };

let generated: GeneratedTrainingSet;
let expected: Record<string, Buffer>;
before(async () => {
  generated = await generateTrainingSet({ views: 3 });
  const plan = await generated.plan('undisturbed', OPTIONS);
  const { best } = await train(plan, recordHooks());
  assert.ok(best !== null && best.epoch > 0, 'the result is no head that nothing has changed');
  expected = await readTrainingOutput(plan);
});
after(() => generated.remove());

interface KillHooks {
  onSpawn?(trainer: ChildProcess): void;
  onStart?(trainer: ChildProcess): void;
  onStep?(step: number, trainer: ChildProcess): void;
}

/** Runs the training in its process, which is given to the hooks, one of which kills it. */
async function trainAndKill(plan: TrainingPlan, killHooks: KillHooks): Promise<void> {
  let trainer: ChildProcess | undefined;
  const onSpawn = (message: unknown) => {
    trainer = (message as { process: ChildProcess }).process;
    killHooks.onSpawn?.(trainer);
  };
  subscribe('child_process', onSpawn);
  try {
    const hooks = recordHooks((step) => killHooks.onStep?.(step, trainer!));
    const training = trainInProcess(plan, { ...hooks, onStart: () => killHooks.onStart?.(trainer!) });
    await assert.rejects(training, { code: 'worker_lost', message: /SIGKILL/ });
  } finally {
    unsubscribe('child_process', onSpawn);
  }
}

/** Kills when a file of such a name comes up in a folder. */
async function killWhileWriting(plan: TrainingPlan, folder: string, pattern: RegExp): Promise<void> {
  await mkdir(folder, { recursive: true });
  let trainer: ChildProcess | undefined;
  const watcher = watch(folder, (_, file) => {
    if (file !== null && pattern.test(file)) trainer?.kill('SIGKILL');
  });
  try {
    await trainAndKill(plan, {
      onSpawn(child) {
        trainer = child;
      },
    });
  } finally {
    watcher.close();
  }
}

async function assertReadableBest({ folder }: TrainingPlan): Promise<void> {
  const best = path.join(trainingPaths(folder).checkpoints, 'best.safetensors');
  if (existsSync(best)) await readCheckpoint(best);
}

async function assertUndisturbedOutput(plan: TrainingPlan, undisturbed = expected): Promise<void> {
  const output = await readTrainingOutput(plan);
  assert.equal(String(output['history']), String(undisturbed['history']));
  for (const [name, bytes] of Object.entries(undisturbed)) assert.ok(bytes.equals(output[name]!), `${name} differs`);
}

describe('a trainer that is killed', () => {
  it('at some step, five times, ends with the same bytes as one that was not killed', async () => {
    const plan = await generated.plan('steps', OPTIONS);
    for (const killStep of KILL_STEPS)
      await trainAndKill(plan, { onStep: (step, trainer) => step >= killStep && trainer.kill('SIGKILL') });
    await train(plan, recordHooks());
    await assertUndisturbedOutput(plan);
  });

  it('while it writes a checkpoint, ends with the same bytes, and the best checkpoint is complete at any time', async () => {
    for (const [i, pattern] of FILE_PATTERNS.entries()) {
      const plan = await generated.plan(`writing ${i}`, OPTIONS);
      await killWhileWriting(plan, trainingPaths(plan.folder).checkpoints, pattern);
      await assertReadableBest(plan);
      await train(plan, recordHooks());
      await assertUndisturbedOutput(plan);
    }
  });

  it('while it fits its initial head, or keeps that, ends with the same bytes', async () => {
    const model = { ...MODEL_PARTS, head: { ...MODEL_PARTS.head, visual_fusion: 'concat' as const } };
    const makePlan = (name: string) => generated.plan(name, { ...OPTIONS, initial_head: 'closed_form' }, { model });
    const undisturbed = await makePlan('undisturbed fit');
    await train(undisturbed, recordHooks());
    const output = await readTrainingOutput(undisturbed);
    const plan = await makePlan('fitting');
    await trainAndKill(plan, { onStart: (trainer) => trainer.kill('SIGKILL') });
    for (const pattern of HEAD_PATTERNS) {
      await killWhileWriting(plan, plan.folder, pattern);
      assert.ok(
        !existsSync(trainingPaths(plan.folder).checkpoints) || (await listCheckpoints(plan.folder)).length === 0,
      );
    }
    await train(plan, recordHooks());
    await assertUndisturbedOutput(plan, output);
  });
});
