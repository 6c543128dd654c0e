import assert from 'node:assert/strict';
import { cp, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { train } from '../../src/training/train.ts';
import { trainingFiles } from '../../src/training/training-files.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import {
  checkpointNames,
  type DrawnSet,
  drawTrainingSet,
  type Heard,
  listen,
  outcome,
} from '../support/training-set.ts';

const OPTIONS = { epochs: 2 };
const DAMAGES: Record<string, (file: string) => Promise<void>> = {
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

let set: DrawnSet;
let expected: Record<string, Buffer>;
/** Stopped at step 7, with checkpoints of steps 6 and 7 */
let stopped: TrainingPlan;
before(async () => {
  set = await drawTrainingSet();
  const plan = await set.plan('undisturbed', OPTIONS);
  await train(plan, listen());
  expected = await outcome(plan);
  stopped = await set.plan('stopped', OPTIONS);
  const heard = listen((step) => step === 7 && heard.stop(new Error('stopped')));
  await assert.rejects(train(stopped, heard), /stopped/);
});
after(() => set.remove());

/** Goes on with a copy of what was stopped, whose checkpoints are damaged first. */
async function goOn(name: string, damage: (file: string, at: number) => Promise<void> | undefined, more: object = {}) {
  const plan = await set.plan(name, { ...OPTIONS, ...more });
  await cp(stopped.folder, plan.folder, { recursive: true });
  const names = await checkpointNames(plan.folder);
  assert.deepEqual(names, ['step-000000006.safetensors', 'step-000000007.safetensors']);
  for (const [at, file] of names.entries()) await damage(path.join(trainingFiles(plan.folder).checkpoints, file), at);
  const steps: number[] = [];
  const heard = listen((step) => steps.push(step));
  await train(plan, heard);
  return { plan, heard, steps };
}

function assertNoted({ notes }: Heard, ...patterns: readonly RegExp[]): void {
  assert.equal(notes.length, patterns.length, notes.join('\n'));
  for (const [at, pattern] of patterns.entries()) assert.match(notes[at]!, pattern);
}

async function assertSame(plan: TrainingPlan): Promise<void> {
  const found = await outcome(plan);
  assert.equal(String(found['history']), String(expected['history']));
  for (const [name, bytes] of Object.entries(expected)) assert.ok(bytes.equals(found[name]!), `${name} differs`);
}

describe('a training whose checkpoint is damaged', () => {
  for (const [name, damage] of Object.entries(DAMAGES)) {
    it(`goes on from the one before it, to the same bytes: ${name}`, async () => {
      const { plan, heard, steps } = await goOn(name, (file, at) => (at === 1 ? damage(file) : undefined));
      assertNoted(heard, /step-000000007\.safetensors.*the one before it is gone on from/);
      assert.deepEqual(steps, [7, 8]);
      await assertSame(plan);
    });
  }

  it('begins anew where both are, to the same bytes', async () => {
    const { plan, heard, steps } = await goOn('both', (file) => truncate(file, 5000));
    assertNoted(heard, /step-000000007.*begins anew/, /step-000000006.*begins anew/);
    assert.equal(steps[0], 1);
    await assertSame(plan);
  });

  it('is not noticed to have been interrupted where nothing is', async () => {
    const { heard, steps } = await goOn('none', () => undefined);
    assertNoted(heard);
    assert.deepEqual(steps, [8]);
  });
});

describe('checkpoints of another training are not gone on from', () => {
  for (const [name, options, more] of [
    ['options', { temperature: 0.1 }, {}],
    ['share for validation', {}, { validationFraction: 0.5 }],
    ['space', {}, { base: 'other' }],
  ] as const) {
    it(`with another ${name}`, async () => {
      const plan = await set.plan(`other ${name}`, { ...OPTIONS, ...options });
      await cp(stopped.folder, plan.folder, { recursive: true });
      const { base, ...rest } = more as { base?: string };
      const other = { ...plan, ...rest, ...(base && { base: { ...plan.base, space: base } }) };
      const steps: number[] = [];
      const heard = listen((step) => steps.push(step));
      await train(other, heard);
      assertNoted(heard, /another training.*begins anew/, /another training.*begins anew/);
      assert.equal(steps[0], 1);
    });
  }

  it('nor is their best the result', async () => {
    const plan = { ...(await set.plan('best', OPTIONS)), validationFraction: 0 };
    await cp(stopped.folder, plan.folder, { recursive: true });
    assert.match((await train(plan, listen())).result, /step-000000010\.safetensors$/);
  });
});
