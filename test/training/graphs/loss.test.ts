import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ort } from '../../../src/inference/engine/session.ts';
import { headSpec } from '../../../src/model/model.ts';
import { batchFeeds } from '../../../src/training/data/feeds.ts';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { evaluationGraph } from '../../../src/training/graphs/evaluation-graph.ts';
import { initialWeights } from '../../../src/training/initial-weights.ts';
import { CounterRandom } from '../../../src/training/random/counter-random.ts';
import type { Feeds, Stepper, StepResult } from '../../../src/training/stepper.ts';
import { pooledOf } from '../../../src/training/trained-model.ts';
import { plainAlignment, rowsOf } from '../../support/plain-objectives.ts';
import { runGraph } from '../../support/sessions.ts';
import { DIMENSIONS, type DrawnSet, drawTrainingSet, makeStepper, TEXT_FEATURES } from '../../support/training-set.ts';

const VALUE_TOLERANCE = 1e-5;

let drawn: DrawnSet;
let set: TrainingSet;
before(async () => {
  drawn = await drawTrainingSet();
  set = await TrainingSet.open(drawn.parts);
});
after(async () => {
  await set[Symbol.asyncDispose]();
  await drawn.remove();
});

const feedsOf = (stepper?: Stepper): Promise<Feeds> =>
  batchFeeds(
    set,
    set.pages.slice(0, 6),
    { dropouts: stepper?.dropouts ?? [], dropout: 0.1, modalityDropout: stepper ? 0.3 : 0 },
    (purpose) => new CounterRandom(1, purpose),
  );

for (const symmetric of [true, false]) {
  it(`fused alignment is the mean of two: pictures alone and words alone to the whole, symmetric ${symmetric}`, async () => {
    const plan = await drawn.plan('fused', { symmetric_alignment: symmetric });
    const [weights, feeds] = [await initialWeights(plan), await feedsOf()];
    const graph = evaluationGraph(weights, headSpec(plan.model), plan.options, pooledOf(plan, weights), new Set());
    const outputs = await runGraph(graph, { ...feeds });
    const view = (name: string) => rowsOf(outputs[name]!.data as Float32Array, DIMENSIONS);
    const present = feeds['present']!.data as Float32Array;
    const has = (at: number) => Array.from({ length: present.length / 3 }, (_, row) => present[3 * row + at]!);
    const options = { temperature: plan.options.temperature, symmetric };
    const parts = [
      plainAlignment(view('image'), view('whole'), has(0), options),
      plainAlignment(view('text'), view('whole'), has(1), options),
    ];
    const expected = (parts[0]! + parts[1]!) / 2;
    const actual = (outputs['fused_alignment']!.data as Float32Array)[0]!;
    assert.ok(Math.abs(actual - expected) <= VALUE_TOLERANCE * Math.max(1, expected), `${actual}, not ${expected}`);
    const shares = plan.options.weights;
    const names = ['contrastive', 'reconstruction', 'alignment', 'fused_alignment'] as const;
    const value = (name: string) => (outputs[name]!.data as Float32Array)[0]!;
    const sum = names.reduce((total, name) => total + shares[name] * value(name), 0);
    assert.ok(Math.abs(value('loss') - sum) <= VALUE_TOLERANCE * sum, `${value('loss')}, not ${sum}`);
  });
}

describe('features of an absent modality', () => {
  let stepper: Stepper;
  before(async () => {
    stepper = await makeStepper(await drawn.plan('absent'));
  });
  after(() => stepper.close());

  /** A step of no length: the weights stay as they are. */
  async function step(spoil: (feeds: Feeds) => Feeds): Promise<{ result: StepResult; gradients: Buffer[] }> {
    const result = await stepper.step([spoil(await feedsOf(stepper))], { head: 0 });
    const gradients = stepper.variables.map(({ key }) => Buffer.from(Float32Array.from(stepper.gradient(key)).buffer));
    return { result, gradients };
  }

  /** In all places of a column that belong to panels without the modality */
  const put =
    (column: string, width: number, modality: number, value: number) =>
    (feeds: Feeds): Feeds => {
      const present = Float32Array.from(feeds['present']!.data as Float32Array);
      // One picture less, so that there is one that is absent.
      if (modality === 0) present[0] = 0;
      const data = Float32Array.from(feeds[column]!.data as Float32Array);
      for (let at = 0; at < data.length; at++) {
        if (present[3 * Math.floor(at / width) + modality] === 0) data[at] = value;
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
      const expected = await step(put(column, width, modality, 0));
      assert.ok(expected.result.taken);
      for (const value of [1, 1e30, Number.NaN, Number.POSITIVE_INFINITY]) {
        const found = await step(put(column, width, modality, value));
        assert.deepEqual(found.result, expected.result, `with ${value}`);
        assert.ok(
          found.gradients.every((gradient, at) => gradient.equals(expected.gradients[at]!)),
          `a gradient changes with ${value}`,
        );
      }
    });
  }
});
