import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { collectDependencies } from '../../../src/graph/dependencies.ts';
import { emit } from '../../../src/graph/emit/emit.ts';
import * as ops from '../../../src/graph/ops/operators.ts';
import { convertToFloat16 } from '../../../src/graph/rewrite/convert-to-float16.ts';
import { input, parameter, scalar } from '../../../src/graph/value.ts';

const x = input('x', 'uint8', ['n', 2]);
const weight = parameter('w', 'float32', [2, 2], new Uint8Array(Float32Array.of(1, 2, 3, 0.1).buffer));
const scaled = ops.Mul(ops.Cast(x, 'float32'), scalar(0.5));
const y = ops.MatMul(scaled, weight);

describe('convertToFloat16', () => {
  it('computes in float16 and returns float32', async () => {
    const half = convertToFloat16({ y, scaled });
    assert.equal(half['y']!.type.dtype, 'float32');
    const { nodes, parameters } = collectDependencies(Object.values(half));
    assert.deepEqual(
      parameters.map(({ type, bytes }) => [type.dtype, bytes.byteLength]),
      [['float16', 8]],
    );
    assert.equal(nodes.find(({ op }) => op === 'MatMul')!.outputTypes[0]!.dtype, 'float16');
    const session = await ort.InferenceSession.create(emit({ name: 'half', outputs: half }));
    const outputs = await session.run({ x: new ort.Tensor('uint8', Uint8Array.of(2, 4), [1, 2]) });
    // 0.1 has no float16 of its own: the nearest is what the product sees.
    const nearest = 0.0999755859375;
    assert.deepEqual(
      [...(outputs['y']!.data as Float32Array)],
      [7, Math.fround(2 + 2 * nearest)].map((v) => Math.round(v * 512) / 512),
    );
    assert.deepEqual([...(outputs['scaled']!.data as Float32Array)], [1, 2]);
    await session.release();
  });

  it('keeps each node once', () => {
    const shared = ops.Relu(scaled);
    const half = convertToFloat16({ a: ops.Add(shared, shared), b: shared });
    assert.equal(collectDependencies(Object.values(half)).nodes.filter(({ op }) => op === 'Relu').length, 1);
  });
});
