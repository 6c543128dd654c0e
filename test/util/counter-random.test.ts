import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CounterRandom } from '../../src/util/counter-random.ts';

const DRAWS = 20_000;
const BINS = 20;
/** Chi-square with 19 degrees of freedom is larger than this once in a million times. */
const MAX_CHI_SQUARE = 63;

function chiSquare(bins: readonly number[], draws: number): number {
  const expected = draws / bins.length;
  return bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function histogram(values: Iterable<number>): number[] {
  const bins = new Array<number>(BINS).fill(0);
  for (const value of values) bins[Math.floor(value * BINS)]!++;
  return bins;
}

const drawUniforms = (random: CounterRandom, count = DRAWS) =>
  Array.from({ length: count }, (_, i) => random.uniform(i));

/** Of two rows of numbers in [0, 1) */
function correlation(a: readonly number[], b: readonly number[]): number {
  const uniformVariance = 1 / 12;
  return a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i]! - 0.5), 0) / a.length / uniformVariance;
}

/** Of the correlation of independent rows, seven of its deviations. */
const MAX_CORRELATION = 7 / Math.sqrt(DRAWS);

/** Of the version that the first trainings were begun with */
const KNOWN_DRAWS = [
  [0.85079863993451, 0.27455181907862425],
  [0.7352802981622517, 0.9026714682113379],
];

describe('numbers from a counter', () => {
  it('depend only on the keys, not on earlier draws', () => {
    const random = new CounterRandom(42, 'dropout', 7);
    const draw = random.uniform(100);
    random.shuffled([1, 2, 3]);
    assert.equal(random.uniform(100), draw);
    assert.equal(new CounterRandom(42, 'dropout', 7).uniform(100), draw);
  });

  it('never change, so that a later version resumes a training with the same numbers', () => {
    const drawn = [new CounterRandom(42, 'batches', 0), new CounterRandom(0)].map((random) => drawUniforms(random, 2));
    assert.deepEqual(drawn, KNOWN_DRAWS);
  });

  for (const keys of [[0], [1], [42, 'batches', 3], [42, 12, 4, 'comp.mlp.3'], [2 ** 31 - 1, 'split']]) {
    it(`are uniform: ${keys.join(', ')}`, () => {
      const values = drawUniforms(new CounterRandom(...keys));
      assert.ok(values.every((value) => value >= 0 && value < 1));
      const statistic = chiSquare(histogram(values), DRAWS);
      assert.ok(statistic < MAX_CHI_SQUARE, `chi-square ${statistic}`);
      assert.ok(Math.abs(correlation(values.slice(0, -1), values.slice(1))) < MAX_CORRELATION, 'neighbours are alike');
    });
  }

  it('are uniform over steps for one draw, as hidden panels are drawn', () => {
    const values = Array.from({ length: DRAWS }, (_, step) => new CounterRandom(42, step, 0, 'hidden').uniform(0));
    assert.ok(chiSquare(histogram(values), DRAWS) < MAX_CHI_SQUARE);
    assert.ok(Math.abs(correlation(values.slice(0, -1), values.slice(1))) < MAX_CORRELATION);
  });

  it('are independent for different keys', () => {
    const baseline = drawUniforms(new CounterRandom(42, 5, 0, 'comp.mlp.3'));
    for (const keys of [
      [43, 5, 0, 'comp.mlp.3'],
      [42, 6, 0, 'comp.mlp.3'],
      [42, 5, 1, 'comp.mlp.3'],
      [42, 5, 0, 'comp.mlp.7'],
      [42, 5, 0, 'shown'],
    ]) {
      const coefficient = correlation(baseline, drawUniforms(new CounterRandom(...keys)));
      assert.ok(Math.abs(coefficient) < MAX_CORRELATION, `${keys}: correlation ${coefficient}`);
    }
  });

  it('are uniform as whole numbers, and below their bound', () => {
    const random = new CounterRandom(1);
    const bins = new Array<number>(6).fill(0);
    for (let i = 0; i < DRAWS; i++) bins[random.integer(i, 6)]!++;
    assert.ok(chiSquare(bins, DRAWS) < 40, `${bins}`);
    assert.equal(random.integer(3, 1), 0);
  });
});

describe('dropout', () => {
  for (const rate of [0.1, 0.5, 0.9]) {
    it(`drops its share and scales the rest up: ${rate}`, () => {
      const mask = new CounterRandom(3, 'layer').dropout(DRAWS, rate);
      const dropped = mask.filter((value) => value === 0).length / DRAWS;
      assert.ok(Math.abs(dropped - rate) < 6 * Math.sqrt((rate * (1 - rate)) / DRAWS), `${dropped}`);
      const kept = Math.fround(1 / (1 - rate));
      assert.ok(mask.every((value) => value === 0 || value === kept));
    });
  }

  it('drops nothing at rate 0', () => {
    assert.ok(new CounterRandom(3).dropout(100, 0).every((value) => value === 1));
  });
});

describe('shuffles', () => {
  const values = Array.from({ length: 50 }, (_, i) => i);

  it('are permutations, and do not change their input', () => {
    const shuffled = new CounterRandom(1, 'batches', 0).shuffled(values);
    assert.deepEqual(
      shuffled.toSorted((a, b) => a - b),
      values,
    );
    assert.notDeepEqual(shuffled, values);
    assert.deepEqual(new CounterRandom(1).shuffled([]), []);
  });

  it('bring each element to each position equally often', () => {
    const positionCounts = new Array<number>(4).fill(0);
    const orderCounts = new Map<string, number>();
    for (let epoch = 0; epoch < 4800; epoch++) {
      const order = new CounterRandom(7, 'batches', epoch).shuffled(['a', 'b', 'c', 'd']);
      positionCounts[order.indexOf('a')]!++;
      orderCounts.set(order.join(''), (orderCounts.get(order.join('')) ?? 0) + 1);
    }
    assert.ok(chiSquare(positionCounts, 4800) < 36, `${positionCounts}`);
    // 23 degrees of freedom
    assert.equal(orderCounts.size, 24);
    assert.ok(chiSquare([...orderCounts.values()], 4800) < 72, `${[...orderCounts.values()]}`);
  });
});
