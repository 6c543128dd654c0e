import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { readCheckpoint } from '../../../src/training/checkpoint/checkpoint-file.ts';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { batchFeeds, type Feeds } from '../../../src/training/step/batch-feeds.ts';
import { isOutOfMemory, trainStep } from '../../../src/training/step/train-step.ts';
import { TrainableModel } from '../../../src/training/step/trainable-model.ts';
import { train } from '../../../src/training/train.ts';
import { trainingPaths } from '../../../src/training/training-plan.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  listCheckpoints,
  makeTrainableModel,
  recordHooks,
} from '../../support/generated-training-set.ts';

const BAD_ALLOC = 'Non-zero status code returned while running Gemm node. Status Message: std::bad_alloc';

let generated: GeneratedTrainingSet;
before(async () => {
  generated = await generateTrainingSet();
});
after(() => generated.remove());

/** Steps whose parts have more pages than fit fail, as they do where memory is not enough. */
function limitMemory(t: TestContext, maxPages: number): { parts: number[][] } {
  const calls = { parts: [] as number[][] };
  const originalStep = TrainableModel.prototype.step;
  t.mock.method(
    TrainableModel.prototype,
    'step',
    function (this: TrainableModel, parts: readonly Feeds[], rates: object) {
      const sizes = parts.map((feeds) => feeds['masked_rows']!.dims[0]!);
      calls.parts.push(sizes);
      if (Math.max(...sizes) > maxPages) throw new Error(BAD_ALLOC);
      return originalStep.call(this, parts, rates as Record<string, number>);
    },
  );
  return calls;
}

describe('where memory is not enough', () => {
  it('the micro-batches are halved until it is, for the rest of the training, with a warning', async (t) => {
    const calls = limitMemory(t, 2);
    const plan = await generated.plan('halved', { epochs: 1, batch_size: 8, max_skipped_steps: 1 });
    const hooks = recordHooks();
    const { notes, steps } = await train(plan, hooks);
    const last = path.join(trainingPaths(plan.folder).checkpoints, (await listCheckpoints(plan.folder)).at(-1)!);
    assert.deepEqual(calls.parts, [[8], [4, 4], [2, 2, 2, 2], [2, 2, 2, 1]]);
    assert.equal(steps, 2);
    assert.deepEqual(notes, hooks.messages);
    assert.equal(notes.filter((note) => /memory/.test(note)).length, 2);
    assert.match(notes[1]!, /at step 1: batches are computed 2 pages at a time/);
    assert.equal((await readCheckpoint(last)).trainerState.micro_batch, 2);
  });

  it('for one page, the training fails', async (t) => {
    const calls = limitMemory(t, 0);
    const plan = await generated.plan('hopeless', { batch_size: 4 });
    await assert.rejects(train(plan, recordHooks()), { message: BAD_ALLOC });
    assert.deepEqual(calls.parts, [[4], [2, 2], [1, 1, 1, 1]]);
  });

  it('the step equals one with these micro-batches from the start', async (t) => {
    const trainedWeights = async (microBatchSize: number, maxPages: number) => {
      const plan = await generated.plan('same');
      await using trainingSet = await TrainingSet.open(plan.partFiles);
      const trainableModel = await makeTrainableModel(plan);
      try {
        const settings = {
          options: plan.options,
          step: 0,
          learningRates: { head: 0.01 },
          microBatchSize,
          warn() {},
        };
        limitMemory(t, maxPages);
        await trainStep(trainableModel, trainingSet, trainingSet.pages.slice(0, 4), settings);
        return Buffer.concat([...trainableModel.weights().values()].map(({ bytes }) => Buffer.from(bytes)));
      } finally {
        t.mock.restoreAll();
        await trainableModel.close();
      }
    };
    assert.ok((await trainedWeights(4, 2)).equals(await trainedWeights(2, 4)));
  });

  it('for a later micro-batch, running statistics are as they were before the first', async () => {
    const trainableModel = await makeTrainableModel(await generated.plan('later', { dropout: 0 }));
    await using trainingSet = await TrainingSet.open(generated.parts);
    const options = { dropouts: [], dropout: 0, modalityDropout: 0, views: 0, texts: 'joined' } as const;
    const good = await batchFeeds(trainingSet, trainingSet.pages.slice(0, 3), options, [1]);
    const { page: _, ...bad } = good;
    const statistics = () =>
      [...trainableModel.weights()].filter(([key]) => key.includes('running_')).map(([, { bytes }]) => [...bytes]);
    try {
      const before = statistics();
      assert.ok(before.length > 0);
      await assert.rejects(trainableModel.step([good, bad], { head: 0.01 }));
      assert.deepEqual(statistics(), before);
      await trainableModel.step([good], { head: 0.01 });
      assert.notDeepEqual(statistics(), before);
    } finally {
      await trainableModel.close();
    }
  });
});

it('other errors do not count as out of memory', () => {
  const memoryMessages = [
    BAD_ALLOC,
    'CUDA failure 2: out of memory ; GPU=0',
    'Failed to allocate memory for requested buffer of size 123',
    'bfc_arena.cc: BFCArena::AllocateRawInternal Available memory of 0',
    'bad allocation',
  ];
  for (const message of memoryMessages) assert.ok(isOutOfMemory(new Error(message)), message);
  for (const error of [new Error('invalid feed'), new Error('the memory of things'), 'std::bad_alloc', undefined]) {
    assert.ok(!isOutOfMemory(error), String(error));
  }
});
