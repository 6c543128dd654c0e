import assert from 'node:assert/strict';
import { cp, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { train } from '../../src/training/train.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { trainingPaths } from '../../src/training/training-plan.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  listCheckpoints,
  type RecordedHooks,
  readTrainingOutput,
  recordHooks,
} from '../support/generated-training-set.ts';

const OPTIONS = { epochs: 2 };
const DAMAGE_BY_NAME: Record<string, (file: string) => Promise<void>> = {
  async 'a flipped bit of a weight'(file) {
    const bytes = await readFile(file);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(file, bytes);
  },
  async 'a flipped bit of the header'(file) {
    const bytes = await readFile(file);
    bytes[bytes.indexOf('"epoch')! + 2]! ^= 1;
    await writeFile(file, bytes);
  },
  'a truncated file': (file) => truncate(file, 10_000),
  'an empty file': (file) => truncate(file, 0),
};

let generated: GeneratedTrainingSet;
let expected: Record<string, Buffer>;
/** Stopped at step 7, with checkpoints of steps 6 and 7 */
let stoppedPlan: TrainingPlan;
before(async () => {
  generated = await generateTrainingSet();
  const plan = await generated.plan('undisturbed', OPTIONS);
  await train(plan, recordHooks());
  expected = await readTrainingOutput(plan);
  stoppedPlan = await generated.plan('stopped', OPTIONS);
  const hooks = recordHooks((step) => step === 7 && hooks.stop(new Error('stopped')));
  await assert.rejects(train(stoppedPlan, hooks), /stopped/);
});
after(() => generated.remove());

/** Goes on with a copy of what was stopped, whose checkpoints are damaged first. */
async function resumeDamaged(
  name: string,
  damage: (file: string, i: number) => Promise<void> | undefined,
  options: object = {},
) {
  const plan = await generated.plan(name, { ...OPTIONS, ...options });
  await cp(stoppedPlan.folder, plan.folder, { recursive: true });
  const names = await listCheckpoints(plan.folder);
  assert.deepEqual(names, ['step-000000006.safetensors', 'step-000000007.safetensors']);
  for (const [i, file] of names.entries()) await damage(path.join(trainingPaths(plan.folder).checkpoints, file), i);
  const steps: number[] = [];
  const hooks = recordHooks((step) => steps.push(step));
  await train(plan, hooks);
  return { plan, hooks, steps };
}

function assertWarnings({ messages }: RecordedHooks, ...patterns: readonly RegExp[]): void {
  const warnings = messages.filter((message) => !message.startsWith('no epoch was better'));
  assert.equal(warnings.length, patterns.length, warnings.join('\n'));
  for (const [i, pattern] of patterns.entries()) assert.match(warnings[i]!, pattern);
}

async function assertUndisturbedOutput(plan: TrainingPlan): Promise<void> {
  const output = await readTrainingOutput(plan);
  assert.equal(String(output['history']), String(expected['history']));
  for (const [name, bytes] of Object.entries(expected)) assert.ok(bytes.equals(output[name]!), `${name} differs`);
}

describe('a training whose checkpoint is damaged', () => {
  for (const [name, damage] of Object.entries(DAMAGE_BY_NAME)) {
    it(`resumes from the one before it, to the same bytes: ${name}`, async () => {
      const { plan, hooks, steps } = await resumeDamaged(name, (file, i) => (i === 1 ? damage(file) : undefined));
      assertWarnings(hooks, /step-000000007\.safetensors.*resuming from the one before it/);
      assert.deepEqual(steps, [7, 8]);
      await assertUndisturbedOutput(plan);
    });
  }

  it('starts anew where both are damaged, to the same bytes', async () => {
    const { plan, hooks, steps } = await resumeDamaged('both', (file) => truncate(file, 5000));
    assertWarnings(hooks, /step-000000007.*starting from the beginning/, /step-000000006.*starting from the beginning/);
    assert.equal(steps[0], 1);
    await assertUndisturbedOutput(plan);
  });

  it('has no warning where none is damaged', async () => {
    const { hooks, steps } = await resumeDamaged('none', () => undefined);
    assertWarnings(hooks);
    assert.deepEqual(steps, [8]);
  });
});

describe('checkpoints of another training are not resumed from', () => {
  for (const [name, options, changes] of [
    ['options', { temperature: 0.1 }, {}],
    ['share for validation', {}, { validationFraction: 0.5 }],
    ['space', {}, { base: 'other' }],
  ] as const) {
    it(`with another ${name}`, async () => {
      const plan = await generated.plan(`other ${name}`, { ...OPTIONS, ...options });
      await cp(stoppedPlan.folder, plan.folder, { recursive: true });
      const { base, ...rest } = changes as { base?: string };
      const changedPlan = { ...plan, ...rest, ...(base && { base: { ...plan.base, space: base } }) };
      const steps: number[] = [];
      const hooks = recordHooks((step) => steps.push(step));
      await train(changedPlan, hooks);
      assertWarnings(
        hooks,
        /another training.*starting from the beginning/,
        /another training.*starting from the beginning/,
      );
      assert.equal(steps[0], 1);
    });
  }

  it('and their best is not the result', async () => {
    const plan = { ...(await generated.plan('best', OPTIONS)), validationFraction: 0 };
    await cp(stoppedPlan.folder, plan.folder, { recursive: true });
    assert.match((await train(plan, recordHooks())).result, /step-000000010\.safetensors$/);
  });
});
