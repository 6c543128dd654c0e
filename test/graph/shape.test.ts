import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addDims, broadcastShapes, divideDim, multiplyDims } from '../../src/graph/shape.ts';

describe('dimensions with symbols', () => {
  it('multiply to one product, in a fixed order', () => {
    assert.equal(multiplyDims([2, 'n', 3, 't']), '6*n*t');
    assert.equal(multiplyDims(['t', 6, 'n']), '6*n*t');
    assert.equal(multiplyDims([2, 3]), 6);
    assert.equal(multiplyDims([]), 1);
    assert.equal(multiplyDims([0, 'n']), 0);
  });

  it('divide only where the quotient is an integer', () => {
    assert.equal(divideDim('6*n*t', '2*t'), '3*n');
    assert.equal(divideDim('n', 'n'), 1);
    assert.equal(divideDim('6*n', 4), undefined);
    assert.equal(divideDim('6*n', 't'), undefined);
    assert.equal(divideDim(6, 0), undefined);
  });

  it('add to a symbol of their own', () => {
    assert.equal(addDims([2, 3]), 5);
    assert.equal(addDims(['n', 1]), '(n+1)');
    assert.equal(multiplyDims([addDims(['2*n', 1]), 2]), '2*(2·n+1)');
  });
});

describe('broadcasting', () => {
  it('follows NumPy and treats a symbol as equal to itself and to 1', () => {
    assert.deepEqual(
      broadcastShapes([
        ['n', 1, 4],
        [3, 1],
      ]),
      ['n', 3, 4],
    );
    assert.deepEqual(broadcastShapes([[], ['n']]), ['n']);
    assert.equal(broadcastShapes([['n'], [5]]), undefined);
    assert.equal(broadcastShapes([[2], [3]]), undefined);
  });
});
