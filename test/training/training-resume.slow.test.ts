import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { train } from '../../src/training/train.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  readTrainingOutput,
  recordHooks,
} from '../support/generated-training-set.ts';

/** Of 12 steps, 4 an epoch, in the middle of an epoch, beside a checkpoint, in the weighing of an epoch, at its beginning */
const MANY_STOPS = [1, 3, 4, 8, 10];
const FEW_STOPS = [2, 8];

let generated: GeneratedTrainingSet;
before(async () => {
  generated = await generateTrainingSet({ views: 3 });
});
after(() => generated.remove());

async function trainUndisturbed(name: string, options: object, threads: number): Promise<Record<string, Buffer>> {
  const plan = await generated.plan(name, options, { threads });
  await train(plan, recordHooks());
  return readTrainingOutput(plan);
}

/** Stops the training at each of the steps, one after the other, then lets it end. */
async function trainWithStops(plan: TrainingPlan, steps: readonly number[]): Promise<void> {
  for (const stopStep of steps) {
    const reason = new Error(`stopped at step ${stopStep}`);
    const hooks = recordHooks((step, self) => step === stopStep && self.stop(reason));
    await assert.rejects(train(plan, hooks), reason);
  }
  await train(plan, recordHooks());
}

async function assertOutput(plan: TrainingPlan, expected: Record<string, Buffer>): Promise<void> {
  const output = await readTrainingOutput(plan);
  assert.deepEqual(Object.keys(output), Object.keys(expected));
  assert.equal(String(output['history']), String(expected['history']));
  for (const [name, bytes] of Object.entries(expected)) assert.ok(bytes.equals(output[name]!), `${name} differs`);
}

for (const [name, steps, options, threads] of [
  ['as usual', MANY_STOPS, { hard_negatives: 2, modality_dropout: 0.5 }, 1],
  ['in parts', FEW_STOPS, { micro_batch_size: 2, hard_negatives: 2, dropout: 0.3 }, 1],
  [
    'with views, drawn texts and averaged weights',
    MANY_STOPS,
    { views: 3, texts: 'drawn', weight_averaging: 0.9, best_by: 'description_to_image_recall_at_5' },
    1,
  ],
  ['with two threads', FEW_STOPS, { hard_negatives: 2, save_every: 2, best_by: 'mean_retrieval' }, 2],
] as const) {
  describe(`a training ${name} that is interrupted ends with the bytes of one that is not`, () => {
    let expected: Record<string, Buffer>;
    before(async () => {
      expected = await trainUndisturbed(`undisturbed ${name}`, options, threads);
    });

    it('by stops again and again', async () => {
      const plan = await generated.plan(`stopped ${name}`, options, { threads });
      await trainWithStops(plan, steps);
      await assertOutput(plan, expected);
    });

    it('and resumed from its files at any moment', async () => {
      const plan = await generated.plan(`copied ${name}`, options, { threads });
      const copy = (step: number) => path.join(generated.folder, `copy ${step} ${name}`);
      await mkdir(plan.folder, { recursive: true });
      await train(
        plan,
        recordHooks((step) => cpSync(plan.folder, copy(step), { recursive: true })),
      );
      for (const step of steps) {
        const copiedPlan = { ...plan, folder: copy(step) };
        await train(copiedPlan, recordHooks());
        await assertOutput(copiedPlan, expected);
      }
    });
  });
}

it('a training that is over ends at once, with the same result', async () => {
  const plan = await generated.plan('over');
  const firstSummary = await train(plan, recordHooks());
  const output = await readTrainingOutput(plan);
  const hooks = recordHooks(() => assert.fail('a step was taken'));
  assert.deepEqual(await train(plan, hooks), firstSummary);
  await assertOutput(plan, output);
  assert.deepEqual(hooks.records, []);
});

it('a stop keeps all completed steps', async () => {
  const plan = await generated.plan('kept', { save_every_steps: 1000 });
  for (const stopStep of [1, 4, 8]) {
    const steps: number[] = [];
    const hooks = recordHooks((step) => {
      steps.push(step);
      if (step === stopStep) hooks.stop(new Error('enough'));
    });
    await assert.rejects(train(plan, hooks), /enough/);
    assert.equal(steps.at(-1), stopStep);
    const resumed = recordHooks((step) => {
      assert.equal(step, stopStep + 1);
      resumed.stop(new Error('seen'));
    });
    await assert.rejects(train(plan, resumed), /seen/);
  }
});

it('a training that died between the record of an epoch and its checkpoint has one such record', async () => {
  const expected = await trainUndisturbed('one line', {}, 1);
  const plan = await generated.plan('two lines');
  const hooks = recordHooks((step, self) => step === 4 && self.stop(new Error('weighing')));
  await assert.rejects(train(plan, hooks), /weighing/);
  const dyingHooks = recordHooks();
  const failOnRecord = (): never => {
    throw new Error('dead');
  };
  await assert.rejects(train(plan, { ...dyingHooks, onRecord: failOnRecord }), /dead/);
  await train(plan, recordHooks());
  await assertOutput(plan, expected);
});

it('a training without validation, of one book, also gives the same bytes, and its last checkpoint is the result', async () => {
  const oneBook = await generateTrainingSet({ books: 1, pagesPerBook: 9 });
  try {
    const plans = await Promise.all(
      ['a', 'b'].map((name) => oneBook.plan(name, { epochs: 2 }, { validationFraction: 0 })),
    );
    const { result, baseline, best } = await train(plans[0]!, recordHooks());
    assert.deepEqual([path.basename(result), baseline, best], ['step-000000006.safetensors', null, null]);
    await trainWithStops(plans[1]!, [2, 4]);
    await assertOutput(plans[1]!, await readTrainingOutput(plans[0]!));
  } finally {
    await oneBook.remove();
  }
});
