import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { train } from '../../src/training/train.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { type DrawnSet, drawTrainingSet, listen, outcome } from '../support/training-set.ts';

/** Of 12 steps, 4 an epoch, in the middle of an epoch, beside a checkpoint, in the weighing of an epoch, at its beginning */
const ALL = [1, 3, 4, 8, 10];
const SOME = [2, 8];

let set: DrawnSet;
before(async () => {
  set = await drawTrainingSet();
});
after(() => set.remove());

async function undisturbed(name: string, options: object, threads: number): Promise<Record<string, Buffer>> {
  const plan = await set.plan(name, options, { threads });
  await train(plan, listen());
  return outcome(plan);
}

/** Stops the training at each of the steps, one after the other, then lets it end. */
async function trainWithStops(plan: TrainingPlan, steps: readonly number[]): Promise<void> {
  for (const at of steps) {
    const reason = new Error(`stopped at step ${at}`);
    const stopping = listen((step, heard) => step === at && heard.stop(reason));
    await assert.rejects(train(plan, stopping), reason);
  }
  await train(plan, listen());
}

async function assertSame(plan: TrainingPlan, expected: Record<string, Buffer>): Promise<void> {
  const found = await outcome(plan);
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  assert.equal(String(found['history']), String(expected['history']));
  for (const [name, bytes] of Object.entries(expected)) assert.ok(bytes.equals(found[name]!), `${name} differs`);
}

for (const [name, steps, options, threads] of [
  ['as usual', ALL, { hard_negatives: 2, modality_dropout: 0.5 }, 1],
  ['in parts', SOME, { micro_batch_size: 2, hard_negatives: 2, dropout: 0.3 }, 1],
  ['with two threads', SOME, { hard_negatives: 2, save_every: 2, best_by: 'mean_retrieval' }, 2],
] as const) {
  describe(`a training ${name} that is interrupted ends with the bytes of one that is not`, () => {
    let expected: Record<string, Buffer>;
    before(async () => {
      expected = await undisturbed(`undisturbed ${name}`, options, threads);
    });

    it('stopped again and again', async () => {
      const plan = await set.plan(`stopped ${name}`, options, { threads });
      await trainWithStops(plan, steps);
      await assertSame(plan, expected);
    });

    it('from the files as they are at any moment', async () => {
      const plan = await set.plan(`copied ${name}`, options, { threads });
      const copy = (step: number) => path.join(set.folder, `copy ${step} ${name}`);
      await mkdir(plan.folder, { recursive: true });
      await train(
        plan,
        listen((step) => cpSync(plan.folder, copy(step), { recursive: true })),
      );
      for (const step of steps) {
        const again = { ...plan, folder: copy(step) };
        await train(again, listen());
        await assertSame(again, expected);
      }
    });
  });
}

it('a training that is over ends at once, with the same result', async () => {
  const plan = await set.plan('over');
  const first = await train(plan, listen());
  const bytes = await outcome(plan);
  const heard = listen(() => assert.fail('a step was taken'));
  assert.deepEqual(await train(plan, heard), first);
  await assertSame(plan, bytes);
  assert.deepEqual(heard.records, []);
});

it('a stop keeps all steps that are behind', async () => {
  const plan = await set.plan('kept', { save_every_steps: 1000 });
  for (const at of [1, 4, 8]) {
    const steps: number[] = [];
    const heard = listen((step) => {
      steps.push(step);
      if (step === at) heard.stop(new Error('enough'));
    });
    await assert.rejects(train(plan, heard), /enough/);
    assert.equal(steps.at(-1), at);
    const next = listen((step) => {
      assert.equal(step, at + 1);
      next.stop(new Error('seen'));
    });
    await assert.rejects(train(plan, next), /seen/);
  }
});

it('a training that died between the line of an epoch and its checkpoint has one such line', async () => {
  const expected = await undisturbed('one line', {}, 1);
  const plan = await set.plan('two lines');
  const stopping = listen((step, heard) => step === 4 && heard.stop(new Error('weighing')));
  await assert.rejects(train(plan, stopping), /weighing/);
  const dying = listen();
  const record = (): never => {
    throw new Error('dead');
  };
  await assert.rejects(train(plan, { ...dying, record }), /dead/);
  await train(plan, listen());
  await assertSame(plan, expected);
});

it('no validation, one book: still the same bytes, and the last checkpoint is the result', async () => {
  const one = await drawTrainingSet({ books: 1, pagesPerBook: 9 });
  try {
    const plans = await Promise.all(['a', 'b'].map((name) => one.plan(name, { epochs: 2 }, { validationFraction: 0 })));
    const { result, baseline, best } = await train(plans[0]!, listen());
    assert.deepEqual([path.basename(result), baseline, best], ['step-000000006.safetensors', null, null]);
    await trainWithStops(plans[1]!, [2, 4]);
    await assertSame(plans[1]!, await outcome(plans[0]!));
  } finally {
    await one.remove();
  }
});
