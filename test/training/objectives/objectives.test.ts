import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EVALUATION } from '../../../src/architectures/head/layers.ts';
import { gradients } from '../../../src/autodiff/gradients.ts';
import { input, type Value } from '../../../src/graph/value.ts';
import { ort } from '../../../src/onnxruntime/session.ts';
import { alignment } from '../../../src/training/objectives/alignment.ts';
import { contrastive } from '../../../src/training/objectives/contrastive.ts';
import { RECONSTRUCTION_HEAD, reconstruction } from '../../../src/training/objectives/reconstruction.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import type { Tensor } from '../../../src/weights/tensor.ts';
import { centralDifferences, maxRelativeError } from '../../support/central-differences.ts';
import {
  naiveAlignmentLoss,
  naiveContrastiveLoss,
  naiveReconstructionLoss,
  toRows,
} from '../../support/naive-objectives.ts';
import { maxDifference, seeded } from '../../support/numeric.ts';
import { runGraph } from '../../support/run-graph.ts';

const DIMENSIONS = 6;
const VALUE_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 1e-4;
/** Pages of three, one, two, one and four panels */
const PAGE_OF_PANEL = [0, 0, 0, 1, 2, 2, 3, 4, 4, 4, 4];
const PANEL_COUNT = PAGE_OF_PANEL.length;

const randomFloats = (count: number, seed: number) => Float32Array.from({ length: count }, seeded(seed));
const int64 = (values: readonly number[]) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);
const float32 = (values: Float32Array, shape: readonly number[]) => new ort.Tensor('float32', values, shape);
const vectorInput = (name: string): Value => input(name, 'float32', ['n', DIMENSIONS]);
const pageInput = input('page', 'int64', ['n']);

interface Case {
  readonly loss: Value;
  /** With respect to these, in the order of the arguments of `plain` */
  readonly variables: readonly Value[];
  readonly values: readonly Float32Array[];
  readonly feeds: Record<string, ort.Tensor>;
  readonly reference: (tensors: readonly ArrayLike<number>[]) => number;
}

/** The loss and its gradients in the graph, which must be those of the plain computation. */
async function assertEqualsReference({
  loss,
  variables,
  values,
  feeds,
  reference,
}: Case): Promise<readonly Float32Array[]> {
  const gradientValues = gradients(loss, variables);
  const gradientOutputs = Object.fromEntries(gradientValues.map((value, i) => [`g${i}`, value!]));
  const variableFeeds = variables.map((value, i) => [
    (value as { name: string }).name,
    float32(values[i]!, [PANEL_COUNT, DIMENSIONS]),
  ]);
  const outputs = await runGraph(
    { name: 'case', outputs: { loss, ...gradientOutputs } },
    { ...feeds, ...Object.fromEntries(variableFeeds) },
  );
  const expected = reference(values);
  const actual = (outputs['loss']!.data as Float32Array)[0]!;
  assert.ok(
    Math.abs(actual - expected) <= VALUE_TOLERANCE * Math.max(1, Math.abs(expected)),
    `${actual}, not ${expected}`,
  );
  const expectedGradients = await centralDifferences(
    reference,
    values.map((tensor) => Float64Array.from(tensor)),
  );
  const actualGradients = gradientValues.map((_, i) => Float32Array.from(outputs[`g${i}`]!.data as Float32Array));
  for (const [i, expectedGradient] of expectedGradients.entries()) {
    const error = maxRelativeError(actualGradients[i]!, expectedGradient);
    assert.ok(error <= GRADIENT_TOLERANCE, `gradient ${i} is off by ${error}`);
  }
  return actualGradients;
}

describe('the contrastive objective', () => {
  for (const temperature of [0.07, 0.5]) {
    it(`equals a naive implementation, with a panel that is alone on its page as a negative only: temperature ${temperature}`, async () => {
      const vectors = vectorInput('vectors');
      const loss = contrastive(vectors, pageInput, temperature);
      const reference = ([x]: readonly ArrayLike<number>[]) =>
        naiveContrastiveLoss(toRows(x!, DIMENSIONS), PAGE_OF_PANEL, temperature);
      await assertEqualsReference({
        loss,
        variables: [vectors],
        values: [randomFloats(PANEL_COUNT * DIMENSIONS, 1)],
        feeds: { page: int64(PAGE_OF_PANEL) },
        reference,
      });
    });
  }

  it('is zero where all panels are alone', async () => {
    const loss = contrastive(vectorInput('vectors'), pageInput, 0.07);
    const feeds = { vectors: float32(randomFloats(3 * DIMENSIONS, 2), [3, DIMENSIONS]), page: int64([0, 1, 2]) };
    const outputs = await runGraph({ name: 'alone', outputs: { loss } }, feeds);
    assert.equal(maxDifference(outputs['loss']!.data as Float32Array, [0]), 0);
  });
});

describe('the reconstruction objective', () => {
  const HIDDEN = [1, 3, 5, 6, 10];
  const shapes = {
    '0.weight': [2 * DIMENSIONS, DIMENSIONS],
    '0.bias': [2 * DIMENSIONS],
    '3.weight': [DIMENSIONS, 2 * DIMENSIONS],
    '3.bias': [DIMENSIONS],
  };
  const tensors = new Map(
    Object.entries(shapes).map(([key, shape], i): [string, Tensor] => {
      const values = randomFloats(
        shape.reduce((a, b) => a * b),
        10 + i,
      );
      return [`${RECONSTRUCTION_HEAD}.${key}`, { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) }];
    }),
  );
  const layer = (key: string) => new Float32Array(tensors.get(`${RECONSTRUCTION_HEAD}.${key}`)!.bytes.buffer);
  const layers = {
    weight0: toRows(layer('0.weight'), DIMENSIONS),
    bias0: layer('0.bias'),
    weight3: toRows(layer('3.weight'), 2 * DIMENSIONS),
    bias3: layer('3.bias'),
  };
  const feeds = {
    page: int64(PAGE_OF_PANEL),
    rows: int64(HIDDEN),
    counts: float32(Float32Array.of(1, 0, 1, 0, 1), [HIDDEN.length]),
  };
  const masked = { rows: input('rows', 'int64', ['p']), counts: input('counts', 'float32', ['p']) };
  const values = [randomFloats(PANEL_COUNT * DIMENSIONS, 3)];

  for (const detachTarget of [true, false]) {
    it(`equals a naive implementation, without pages of one panel: the target ${detachTarget ? 'stays' : 'moves'}`, async () => {
      const vectors = vectorInput('vectors');
      const settings = { vectors, page: pageInput, masked, detachTarget };
      const loss = reconstruction(new StateDict('drawn', tensors), EVALUATION, settings);
      const fixedTarget = toRows(values[0]!, DIMENSIONS);
      const reference = ([x]: readonly ArrayLike<number>[]) => {
        const vectorRows = toRows(x!, DIMENSIONS);
        return naiveReconstructionLoss(
          vectorRows,
          detachTarget ? fixedTarget : vectorRows,
          PAGE_OF_PANEL,
          HIDDEN,
          layers,
        );
      };
      const [gradient] = await assertEqualsReference({ loss, variables: [vectors], values, feeds, reference });
      const hasGradient = HIDDEN.map((row) =>
        gradient!.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS).some((value) => value !== 0),
      );
      assert.deepEqual(hasGradient, detachTarget ? HIDDEN.map(() => false) : [true, false, true, false, true]);
    });
  }
});

describe('the alignment objective', () => {
  const both = input('both', 'float32', ['n']);
  const [first, second] = [vectorInput('first'), vectorInput('second')];
  const values = [randomFloats(PANEL_COUNT * DIMENSIONS, 4), randomFloats(PANEL_COUNT * DIMENSIONS, 5)];
  const [someRows, noRows] = [PAGE_OF_PANEL.map((_, row) => (row % 3 === 2 ? 0 : 1)), PAGE_OF_PANEL.map(() => 0)];

  for (const symmetric of [true, false]) {
    const options = { temperature: 0.2, symmetric };
    const loss = alignment(first, second, both, options);

    it(`equals a naive implementation over the rows that have both: ${symmetric ? 'both ways' : 'one way'}`, async () => {
      const feeds = { both: float32(Float32Array.from(someRows), [PANEL_COUNT]) };
      const reference = ([a, b]: readonly ArrayLike<number>[]) =>
        naiveAlignmentLoss(toRows(a!, DIMENSIONS), toRows(b!, DIMENSIONS), someRows, options);
      await assertEqualsReference({ loss, variables: [first, second], values, feeds, reference });
    });

    it(`is zero where no row has both: ${symmetric ? 'both ways' : 'one way'}`, async () => {
      const [a] = gradients(loss, [first]);
      const feeds = {
        both: float32(Float32Array.from(noRows), [PANEL_COUNT]),
        first: float32(values[0]!, [PANEL_COUNT, DIMENSIONS]),
        second: float32(values[1]!, [PANEL_COUNT, DIMENSIONS]),
      };
      const outputs = await runGraph({ name: 'none', outputs: { loss, a: a! } }, feeds);
      assert.equal(maxDifference(outputs['loss']!.data as Float32Array, [0]), 0);
      assert.equal(maxDifference(outputs['a']!.data as Float32Array, new Float32Array(PANEL_COUNT * DIMENSIONS)), 0);
    });
  }
});
