import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gradients } from '../../../src/autodiff/gradients.ts';
import { input, type Value } from '../../../src/graph/value.ts';
import { ort } from '../../../src/inference/engine/session.ts';
import { EVALUATION } from '../../../src/model/head/mode.ts';
import { alignment } from '../../../src/training/objectives/alignment.ts';
import { contrastive } from '../../../src/training/objectives/contrastive.ts';
import { RECONSTRUCTION_HEAD, reconstruction } from '../../../src/training/objectives/reconstruction.ts';
import { Checkpoint } from '../../../src/weights/checkpoint.ts';
import type { Tensor } from '../../../src/weights/safetensors-reader.ts';
import { centralDifferences, worstError } from '../../support/central-differences.ts';
import { maxDifference, seeded } from '../../support/numbers.ts';
import { plainAlignment, plainContrastive, plainReconstruction, rowsOf } from '../../support/plain-objectives.ts';
import { runGraph } from '../../support/sessions.ts';

const D = 6;
const VALUE_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 1e-4;
/** Pages of three, one, two, one and four panels */
const PAGE = [0, 0, 0, 1, 2, 2, 3, 4, 4, 4, 4];
const N = PAGE.length;

const draw = (count: number, seed: number) => Float32Array.from({ length: count }, seeded(seed));
const int64 = (values: readonly number[]) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);
const float32 = (values: Float32Array, shape: readonly number[]) => new ort.Tensor('float32', values, shape);
const rows = (name: string): Value => input(name, 'float32', ['n', D]);
const pageInput = input('page', 'int64', ['n']);

interface Case {
  readonly loss: Value;
  /** With respect to these, in the order of the arguments of `plain` */
  readonly variables: readonly Value[];
  readonly values: readonly Float32Array[];
  readonly feeds: Record<string, ort.Tensor>;
  readonly plain: (tensors: readonly ArrayLike<number>[]) => number;
}

/** The loss and its gradients in the graph, which must be those of the plain computation. */
async function assertPlain({ loss, variables, values, feeds, plain }: Case): Promise<readonly Float32Array[]> {
  const found = gradients(loss, variables);
  const named = Object.fromEntries(found.map((value, at) => [`g${at}`, value!]));
  const given = variables.map((value, at) => [(value as { name: string }).name, float32(values[at]!, [N, D])]);
  const outputs = await runGraph(
    { name: 'case', outputs: { loss, ...named } },
    { ...feeds, ...Object.fromEntries(given) },
  );
  const expected = plain(values);
  const actual = (outputs['loss']!.data as Float32Array)[0]!;
  assert.ok(
    Math.abs(actual - expected) <= VALUE_TOLERANCE * Math.max(1, Math.abs(expected)),
    `${actual}, not ${expected}`,
  );
  const slopes = await centralDifferences(
    plain,
    values.map((tensor) => Float64Array.from(tensor)),
  );
  const own = found.map((_, at) => Float32Array.from(outputs[`g${at}`]!.data as Float32Array));
  for (const [at, slope] of slopes.entries()) {
    const off = worstError(own[at]!, slope);
    assert.ok(off <= GRADIENT_TOLERANCE, `gradient ${at} is off by ${off}`);
  }
  return own;
}

describe('the contrastive objective', () => {
  for (const temperature of [0.07, 0.5]) {
    it(`is the plain one, a panel that is alone on its page being a negative only: temperature ${temperature}`, async () => {
      const vectors = rows('vectors');
      const loss = contrastive(vectors, pageInput, temperature);
      const plain = ([x]: readonly ArrayLike<number>[]) => plainContrastive(rowsOf(x!, D), PAGE, temperature);
      await assertPlain({ loss, variables: [vectors], values: [draw(N * D, 1)], feeds: { page: int64(PAGE) }, plain });
    });
  }

  it('is nothing where all panels are alone', async () => {
    const loss = contrastive(rows('vectors'), pageInput, 0.07);
    const feeds = { vectors: float32(draw(3 * D, 2), [3, D]), page: int64([0, 1, 2]) };
    const outputs = await runGraph({ name: 'alone', outputs: { loss } }, feeds);
    assert.equal(maxDifference(outputs['loss']!.data as Float32Array, [0]), 0);
  });
});

describe('the reconstruction objective', () => {
  const HIDDEN = [1, 3, 5, 6, 10];
  const shapes = { '0.weight': [2 * D, D], '0.bias': [2 * D], '3.weight': [D, 2 * D], '3.bias': [D] };
  const tensors = new Map(
    Object.entries(shapes).map(([key, shape], at): [string, Tensor] => {
      const values = draw(
        shape.reduce((a, b) => a * b),
        10 + at,
      );
      return [`${RECONSTRUCTION_HEAD}.${key}`, { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) }];
    }),
  );
  const layer = (key: string) => new Float32Array(tensors.get(`${RECONSTRUCTION_HEAD}.${key}`)!.bytes.buffer);
  const guess = {
    weight0: rowsOf(layer('0.weight'), D),
    bias0: layer('0.bias'),
    weight3: rowsOf(layer('3.weight'), 2 * D),
    bias3: layer('3.bias'),
  };
  const feeds = {
    page: int64(PAGE),
    rows: int64(HIDDEN),
    counts: float32(Float32Array.of(1, 0, 1, 0, 1), [HIDDEN.length]),
  };
  const masked = { rows: input('rows', 'int64', ['p']), counts: input('counts', 'float32', ['p']) };
  const values = [draw(N * D, 3)];

  for (const detachTarget of [true, false]) {
    it(`is the plain one, without pages of one panel: the target ${detachTarget ? 'stays' : 'moves'}`, async () => {
      const vectors = rows('vectors');
      const settings = { vectors, page: pageInput, masked, detachTarget };
      const loss = reconstruction(new Checkpoint('drawn', tensors), EVALUATION, settings);
      const still = rowsOf(values[0]!, D);
      const plain = ([x]: readonly ArrayLike<number>[]) => {
        const seen = rowsOf(x!, D);
        return plainReconstruction(seen, detachTarget ? still : seen, PAGE, HIDDEN, guess);
      };
      const [gradient] = await assertPlain({ loss, variables: [vectors], values, feeds, plain });
      const reached = HIDDEN.map((row) => gradient!.subarray(row * D, (row + 1) * D).some((value) => value !== 0));
      assert.deepEqual(reached, detachTarget ? HIDDEN.map(() => false) : [true, false, true, false, true]);
    });
  }
});

describe('the alignment objective', () => {
  const both = input('both', 'float32', ['n']);
  const [first, second] = [rows('first'), rows('second')];
  const values = [draw(N * D, 4), draw(N * D, 5)];
  const [some, none] = [PAGE.map((_, row) => (row % 3 === 2 ? 0 : 1)), PAGE.map(() => 0)];

  for (const symmetric of [true, false]) {
    const options = { temperature: 0.2, symmetric };
    const loss = alignment(first, second, both, options);

    it(`is the plain one over the rows that have both: ${symmetric ? 'both ways' : 'one way'}`, async () => {
      const feeds = { both: float32(Float32Array.from(some), [N]) };
      const plain = ([a, b]: readonly ArrayLike<number>[]) =>
        plainAlignment(rowsOf(a!, D), rowsOf(b!, D), some, options);
      await assertPlain({ loss, variables: [first, second], values, feeds, plain });
    });

    it(`is nothing where no row has both: ${symmetric ? 'both ways' : 'one way'}`, async () => {
      const [a] = gradients(loss, [first]);
      const feeds = {
        both: float32(Float32Array.from(none), [N]),
        first: float32(values[0]!, [N, D]),
        second: float32(values[1]!, [N, D]),
      };
      const outputs = await runGraph({ name: 'none', outputs: { loss, a: a! } }, feeds);
      assert.equal(maxDifference(outputs['loss']!.data as Float32Array, [0]), 0);
      assert.equal(maxDifference(outputs['a']!.data as Float32Array, new Float32Array(N * D)), 0);
    });
  }
});
