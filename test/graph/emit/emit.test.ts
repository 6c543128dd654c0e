import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emit } from '../../../src/graph/emit/emit.ts';
import { decodeOnnxModel } from '../../../src/graph/emit/onnx-encoding.ts';
import { Add, MatMul, Mul, Relu } from '../../../src/graph/ops/operators.ts';
import { GraphError, input, parameter, scalar, type Value } from '../../../src/graph/value.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const x = input('x', 'float32', ['n', 2]);
const float32Bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

describe('emit', () => {
  it('writes only what the outputs depend on', () => {
    const used = Relu(x, 'used');
    Mul(used, scalar(3), 'unused');
    const { graph } = decodeOnnxModel(emit({ name: 'g', outputs: { y: used } }), 'g');
    assert.deepEqual(
      graph!.node.map((node) => node.name),
      ['used'],
    );
  });

  it('writes a node once, however often it is used, and equal constants once', () => {
    const shared = Relu(x);
    const y = Add(Mul(shared, scalar(2)), Mul(shared, scalar(2)));
    const { graph } = decodeOnnxModel(emit({ name: 'g', outputs: { y } }), 'g');
    assert.equal(graph!.node.filter((node) => node.opType === 'Relu').length, 1);
    assert.equal(graph!.initializer.length, 1);
  });

  it('gives one result two names, and an input or weight as an output', async () => {
    const y = Relu(x);
    const w = parameter('w', 'float32', [2], float32Bytes(7, 8));
    const outputs = await runGraph(
      { name: 'g', outputs: { a: y, b: y, c: x, d: w } },
      { x: float32Tensor([-1, 2], [1, 2]) },
    );
    assert.deepEqual([...(outputs['a']!.data as Float32Array)], [0, 2]);
    assert.deepEqual([...(outputs['b']!.data as Float32Array)], [0, 2]);
    assert.deepEqual([...(outputs['c']!.data as Float32Array)], [-1, 2]);
    assert.deepEqual([...(outputs['d']!.data as Float32Array)], [7, 8]);
  });

  it('refuses one name for two values', () => {
    const w = parameter('x', 'float32', [2], float32Bytes(1, 2));
    assert.throws(() => emit({ name: 'g', outputs: { y: Add(x, w) } }), {
      name: GraphError.name,
      message: /"x" is used twice/,
    });
    assert.throws(() => emit({ name: 'g', outputs: { x: Relu(x) } }), /"x" is used twice/);
  });

  it('gives nodes of one name different names', async () => {
    const y = Relu(Relu(x, 'same'), 'same');
    const outputs = await runGraph({ name: 'g', outputs: { y } }, { x: float32Tensor([-1, 2], [1, 2]) });
    assert.deepEqual([...(outputs['y']!.data as Float32Array)], [0, 2]);
  });

  it('does not overflow the stack on a graph of 50,000 nodes', () => {
    let deep: Value = x;
    for (let i = 0; i < 50_000; i++) deep = Relu(deep);
    assert.ok(emit({ name: 'deep', outputs: { y: deep } }).byteLength > 0);
  });

  it('refuses a weight whose bytes do not fit its shape', () => {
    assert.throws(
      () => parameter('w', 'float32', [3], float32Bytes(1, 2)),
      /"w" of float32 \(3\) takes 12 bytes, not 8/,
    );
  });

  it('carries metadata', () => {
    const w = parameter('w', 'float32', [2, 1], float32Bytes(1, 2));
    const model = decodeOnnxModel(emit({ name: 'g', outputs: { y: MatMul(x, w) }, metadata: { source: 'here' } }), 'g');
    assert.deepEqual(
      model.metadataProps.map(({ key, value }) => [key, value]),
      [['source', 'here']],
    );
  });
});
