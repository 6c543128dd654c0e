import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { TrainedBaseline } from '../../../src/evaluation/baselines/baseline.ts';
import { openBaselineFusion } from '../../../src/evaluation/baselines/baseline-fusion.ts';
import { trainBaseline } from '../../../src/evaluation/baselines/train-baseline.ts';
import type { FusedVectors, ViewFeatures } from '../../../src/evaluation/vectors/fusion.ts';
import { writeTrainingPart } from '../../../src/training/data/training-part-file.ts';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { COLUMNS } from '../../../src/training/training-columns.ts';
import { baselinePlan, drawnView } from '../../support/baselines.ts';
import {
  DIMENSIONS,
  type GeneratedTrainingSet,
  generateTrainingSet,
  recordHooks,
} from '../../support/generated-training-set.ts';
import { cosine, maxDifference } from '../../support/numeric.ts';

const VIEWS = {
  stored: drawnView([
    [1, 1, 1],
    [1, 0, 1],
    [1, 1, 1],
  ]),
  picture: drawnView([
    [1, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ]),
};

let generated: GeneratedTrainingSet;
before(async () => {
  generated = await generateTrainingSet();
});
after(() => generated.remove());

async function fuse(trained: TrainedBaseline, views: Readonly<Record<string, ViewFeatures>>) {
  await using fusion = await openBaselineFusion(trained);
  const results: Record<string, FusedVectors> = {};
  for (const [name, features] of Object.entries(views)) results[name] = await fusion.fuse(features);
  return results;
}

function row({ vectors, dimensions }: FusedVectors, index: number): Float32Array {
  return vectors.subarray(index * dimensions, (index + 1) * dimensions);
}

for (const kind of ['v1', 'reference'] as const) {
  describe(`the baseline ${kind}`, () => {
    it('learns', async () => {
      const hooks = recordHooks();
      await trainBaseline(baselinePlan(generated, kind, { name: `${kind}-long`, epochs: 40 }), hooks);
      const losses = hooks.records.filter((record) => record.kind === 'epoch').map(({ values }) => values['loss']!);
      assert.equal(losses.length, 40);
      assert.ok(losses.at(-1)! < 0.97 * losses[0]!, `${losses[0]} became ${losses.at(-1)}`);
    });

    it('is the same each time, and after a stop', async () => {
      const trained = await trainBaseline(baselinePlan(generated, kind), recordHooks());
      const plan = baselinePlan(generated, kind, { name: `${kind}-stopped` });
      const stopped = recordHooks((step) => step === 5 && stopped.stop(new Error('enough')));
      await assert.rejects(trainBaseline(plan, stopped), /enough/);
      const resumed = await trainBaseline(plan, recordHooks());
      assert.deepEqual(await readFile(resumed.weights), await readFile(trained.weights));
      // A baseline that is trained already is given back as it is.
      assert.deepEqual(await trainBaseline(plan, recordHooks()), resumed);
    });

    it('has vectors that depend on what it is given for absent modalities', async () => {
      const trained = await trainBaseline(baselinePlan(generated, kind), recordHooks());
      const { stored, picture } = await fuse(trained, VIEWS);
      assert.equal(stored!.dimensions, DIMENSIONS);
      assert.equal(stored!.gate!.length, 9);
      const { plan, weights } = trained;
      const zeros = Object.fromEntries(
        Object.entries(plan.absent.vision).map(([name, { length }]) => [name, new Float32Array(length)]),
      );
      const absent = { vision: zeros, text: plan.absent.text.map((value) => value + 1) };
      const changed = await fuse({ plan: { ...plan, absent }, weights }, VIEWS);
      // The first panel has all three, so that it is what it was.
      assert.equal(maxDifference(row(changed['stored']!, 0), row(stored!, 0)), 0);
      assert.ok(maxDifference(row(changed['stored']!, 1), row(stored!, 1)) > 1e-4);
      assert.ok(maxDifference(row(changed['picture']!, 0), row(picture!, 0)) > 1e-4);
      // What a panel without text holds in its place is not read.
      const { text } = VIEWS.stored;
      const otherText = text.map((value, i) => (Math.floor(i / (text.length / 3)) === 1 ? 9 : value));
      const again = await fuse(trained, { stored: { ...VIEWS.stored, text: otherText } });
      assert.equal(maxDifference(again['stored']!.vectors, stored!.vectors), 0);
    });
  });
}

describe('baselines', () => {
  it('of raw features need no training', async () => {
    const trained = await trainBaseline(baselinePlan(generated, 'raw'), recordHooks());
    const { stored, picture } = await fuse(trained, VIEWS);
    assert.ok(cosine(row(stored!, 1), row(picture!, 1)) > 0.5);
    assert.equal(stored!.gate, null);
  });

  it('are trained where no panel has a text', async () => {
    await using set = await TrainingSet.open(generated.parts);
    const pages = set.pages.filter(({ rows }) => rows > 0);
    const columns = new Map(await set.read(pages));
    const present = columns.get(COLUMNS.present)!;
    const masks = new Float32Array(present.bytes.buffer).map((value, i) => (i % 3 === 1 ? 0 : value));
    columns.set(COLUMNS.present, { ...present, bytes: new Uint8Array(masks.buffer) });
    const file = `${generated.folder}/textless.safetensors`;
    await writeTrainingPart(
      file,
      pages.map(({ id, book, rows, validation }) => ({ id, book, rows, validation, texts: 0 })),
      columns,
    );
    const plan = baselinePlan(generated, 'v1', { name: 'textless', partFiles: [file] });
    const { weights } = await trainBaseline(plan, recordHooks());
    assert.ok((await readFile(weights)).length > 0);
  });

  it('of one page of one panel are refused by field', async () => {
    const folder = await generateTrainingSet({ books: 1, pagesPerBook: 1, parts: 1, seed: 0 });
    try {
      await assert.rejects(trainBaseline(baselinePlan(folder, 'v1'), recordHooks()), {
        code: 'dataset_invalid',
        message: /two panels/,
        param: 'dataset',
      });
    } finally {
      await folder.remove();
    }
  });
});
