import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { readCheckpoint } from '../../src/training/checkpoint/checkpoint-file.ts';
import { train } from '../../src/training/train.ts';
import { type TrainingPlan, trainingPaths } from '../../src/training/training-plan.ts';
import { readSafetensors } from '../../src/weights/safetensors-reader.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  MODEL_PARTS,
  readTrainingOutput,
  recordHooks,
} from '../support/generated-training-set.ts';

const model = { ...MODEL_PARTS, head: { ...MODEL_PARTS.head, visual_fusion: 'concat' as const } };

let generated: GeneratedTrainingSet;
before(async () => {
  generated = await generateTrainingSet({ books: 8, panelVariation: 1 });
});
after(() => generated.remove());

const makePlan = (name: string, options: object, overrides: Partial<TrainingPlan> = {}) =>
  generated.plan(name, { initial_head: 'closed_form', ...options }, { model, ...overrides });

async function readFitted(plan: TrainingPlan) {
  return (await readSafetensors(trainingPaths(plan.folder).fittedHead)).tensors;
}

describe('a training that starts with a fitted head', () => {
  for (const validationFraction of [0.25, 0]) {
    it(`without epochs, and ${validationFraction} held out, has the fit as its result`, async () => {
      const plan = await makePlan(`fit ${validationFraction}`, { epochs: 0 }, { validationFraction });
      const { steps, epochs, baseline, result } = await train(plan, recordHooks());
      assert.deepEqual([steps, epochs, baseline === null], [0, 0, validationFraction === 0]);
      const { weights } = await readCheckpoint(result);
      for (const [key, tensor] of await readFitted(plan))
        assert.ok(Buffer.from(tensor.bytes).equals(weights.get(key)!.bytes), key);
    });
  }

  it('is not fitted to the pages that are held out', async () => {
    const fitted = async (validationFraction: number) => {
      const plan = await makePlan(`held out ${validationFraction}`, { epochs: 0 }, { validationFraction });
      await train(plan, recordHooks());
      return Buffer.from((await readFitted(plan)).get('text.proj.weight')!.bytes).toString('base64');
    };
    assert.notEqual(await fitted(0.25), await fitted(0));
  });

  it('finds pictures by words far better than a seeded head before the first step', async () => {
    const recall = async (initial_head: string) => {
      const { baseline } = await train(await makePlan(initial_head, { epochs: 1, initial_head }), recordHooks());
      return baseline!['text_to_image_recall_at_5']!;
    };
    const [seeded, fitted] = [await recall('seeded'), await recall('closed_form')];
    assert.ok(fitted > 2 * seeded, `${seeded} -> ${fitted}`);
  });

  it('fits again where the kept head is damaged, or of another training', async () => {
    const plan = await makePlan('kept', { epochs: 0 });
    await train(plan, recordHooks());
    const expected = await readTrainingOutput(plan);
    const { fittedHead, checkpoints } = trainingPaths(plan.folder);
    const bytes = await readFile(fittedHead);
    for (const damage of [
      () => bytes.subarray(0, bytes.length / 2),
      () => {
        const changed = Buffer.from(bytes);
        changed[bytes.length - 2]! ^= 1;
        return changed;
      },
    ]) {
      await writeFile(fittedHead, damage());
      await rm(checkpoints, { recursive: true });
      await train(plan, recordHooks());
      assert.deepEqual(await readTrainingOutput(plan), expected);
      assert.ok((await readFile(fittedHead)).equals(bytes));
    }
  });
});
