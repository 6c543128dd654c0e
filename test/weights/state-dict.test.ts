import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { float32ToFloat16 } from '../../src/graph/float16.ts';
import { StateDict } from '../../src/weights/state-dict.ts';
import { float32Tensor, type Tensor } from '../../src/weights/tensor.ts';

describe('StateDict', () => {
  const half: Tensor = { dtype: 'float16', shape: [2], bytes: float32ToFloat16(Float32Array.of(0.5, -2)) };
  const ints: Tensor = { dtype: 'int64', shape: [1], bytes: new Uint8Array(8) };
  const stateDict = new StateDict(
    'model',
    new Map([
      ['w', float32Tensor([2], Float32Array.of(1, 2))],
      ['h', half],
      ['i', ints],
    ]),
  );

  it('gives float32 parameters and widens half precision', () => {
    assert.deepEqual(stateDict.parameter('w', [2]).bytes, float32Tensor([2], Float32Array.of(1, 2)).bytes);
    assert.deepEqual(stateDict.parameter('h', [2]).bytes, float32Tensor([2], Float32Array.of(0.5, -2)).bytes);
  });

  it('names the key that is missing, misshapen or not floating', () => {
    assert.throws(() => stateDict.parameter('x', [2]), /model: "x" is missing/);
    assert.throws(() => stateDict.parameter('w', [2, 1]), /model: "w" has the shape \(2\), expected \(2, 1\)/);
    assert.throws(() => stateDict.parameter('i', [1]), /model: "i" is int64, expected float32 or float16/);
  });
});
