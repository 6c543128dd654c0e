import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { toHeadSpec } from '../../../src/model/model.ts';
import { ort } from '../../../src/onnxruntime/session.ts';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { buildEncoderOutputs } from '../../../src/training/graphs/encoder-outputs.ts';
import { evaluationGraph } from '../../../src/training/graphs/evaluation-graph.ts';
import { initialWeights } from '../../../src/training/preparation/initial-weights.ts';
import { batchFeeds, type Feeds } from '../../../src/training/step/batch-feeds.ts';
import type { StepResult, TrainableModel } from '../../../src/training/step/trainable-model.ts';
import {
  DIMENSIONS,
  type GeneratedTrainingSet,
  generateTrainingSet,
  makeTrainableModel,
  TEXT_FEATURES,
} from '../../support/generated-training-set.ts';
import { naiveAlignmentLoss, toRows } from '../../support/naive-objectives.ts';
import { runGraph } from '../../support/run-graph.ts';

const VALUE_TOLERANCE = 1e-5;

let generated: GeneratedTrainingSet;
let trainingSet: TrainingSet;
before(async () => {
  generated = await generateTrainingSet();
  trainingSet = await TrainingSet.open(generated.parts);
});
after(async () => {
  await trainingSet[Symbol.asyncDispose]();
  await generated.remove();
});

const makeFeeds = (trainableModel?: TrainableModel): Promise<Feeds> =>
  batchFeeds(
    trainingSet,
    trainingSet.pages.slice(0, 6),
    {
      dropouts: trainableModel?.dropouts ?? [],
      dropout: 0.1,
      modalityDropout: trainableModel ? 0.3 : 0,
      views: 0,
      texts: 'joined',
    },
    [1],
  );

for (const symmetric of [true, false]) {
  it(`fused alignment is the mean of image alone and text alone against the whole panel, symmetric ${symmetric}`, async () => {
    const plan = await generated.plan('fused', { symmetric_alignment: symmetric });
    const [weights, feeds] = [await initialWeights(plan), await makeFeeds()];
    const graph = evaluationGraph(
      weights,
      toHeadSpec(plan.model),
      plan.options,
      buildEncoderOutputs(plan, weights),
      new Set(),
    );
    const outputs = await runGraph(graph, { ...feeds });
    const view = (name: string) => toRows(outputs[name]!.data as Float32Array, DIMENSIONS);
    const present = feeds['present']!.data as Float32Array;
    const presenceOf = (column: number) =>
      Array.from({ length: present.length / 3 }, (_, row) => present[3 * row + column]!);
    const options = { temperature: plan.options.temperature, symmetric };
    const parts = [
      naiveAlignmentLoss(view('image'), view('whole'), presenceOf(0), options),
      naiveAlignmentLoss(view('text'), view('whole'), presenceOf(1), options),
    ];
    const expected = (parts[0]! + parts[1]!) / 2;
    const actual = (outputs['fused_alignment']!.data as Float32Array)[0]!;
    assert.ok(Math.abs(actual - expected) <= VALUE_TOLERANCE * Math.max(1, expected), `${actual}, not ${expected}`);
    const objectiveWeights = plan.options.weights;
    const names = ['contrastive', 'reconstruction', 'alignment', 'fused_alignment'] as const;
    const value = (name: string) => (outputs[name]!.data as Float32Array)[0]!;
    const sum = names.reduce((total, name) => total + objectiveWeights[name] * value(name), 0);
    assert.ok(Math.abs(value('loss') - sum) <= VALUE_TOLERANCE * sum, `${value('loss')}, not ${sum}`);
  });
}

describe('features of an absent modality', () => {
  let trainableModel: TrainableModel;
  before(async () => {
    trainableModel = await makeTrainableModel(await generated.plan('absent'));
  });
  after(() => trainableModel.close());

  /** A step of no length: the weights stay as they are. */
  async function step(changeFeeds: (feeds: Feeds) => Feeds): Promise<{ result: StepResult; gradients: Buffer[] }> {
    const result = await trainableModel.step([changeFeeds(await makeFeeds(trainableModel))], { head: 0 });
    const gradients = trainableModel.variables.map(({ key }) =>
      Buffer.from(Float32Array.from(trainableModel.gradient(key)).buffer),
    );
    return { result, gradients };
  }

  /** In all places of a column that belong to panels without the modality */
  const withAbsentValue =
    (column: string, width: number, modality: number, value: number) =>
    (feeds: Feeds): Feeds => {
      const present = Float32Array.from(feeds['present']!.data as Float32Array);
      // One picture less, so that there is one that is absent.
      if (modality === 0) present[0] = 0;
      const data = Float32Array.from(feeds[column]!.data as Float32Array);
      for (let i = 0; i < data.length; i++) {
        if (present[3 * Math.floor(i / width) + modality] === 0) data[i] = value;
      }
      const shape = [data.length / width, width];
      const mask = new ort.Tensor('float32', present, [present.length / 3, 3]);
      const shown = new ort.Tensor('float32', present.slice(), mask.dims);
      return { ...feeds, present: mask, shown, [column]: new ort.Tensor('float32', data, shape) };
    };

  for (const [name, column, width, modality] of [
    ['words', 'text_features', TEXT_FEATURES, 1],
    ['picture', 'vision/siglip', 12, 0],
  ] as const) {
    it(`change no loss and no gradient, bit for bit: ${name}`, async () => {
      const expected = await step(withAbsentValue(column, width, modality, 0));
      assert.ok(expected.result.isApplied);
      for (const value of [1, 1e30, Number.NaN, Number.POSITIVE_INFINITY]) {
        const actual = await step(withAbsentValue(column, width, modality, value));
        assert.deepEqual(actual.result, expected.result, `with ${value}`);
        assert.ok(
          actual.gradients.every((gradient, i) => gradient.equals(expected.gradients[i]!)),
          `a gradient changes with ${value}`,
        );
      }
    });
  }
});
