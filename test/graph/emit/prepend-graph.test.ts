import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { emit } from '../../../src/graph/emit/emit.ts';
import { decodeOnnxModel, encodeOnnxModel } from '../../../src/graph/emit/onnx-encoding.ts';
import { prependGraph } from '../../../src/graph/emit/prepend-graph.ts';
import { Add, Cast, Mul, Relu } from '../../../src/graph/ops/operators.ts';
import { input, scalar } from '../../../src/graph/value.ts';

const foreignInput = input('pixels', 'float32', ['n', 2]);
const foreign = decodeOnnxModel(
  emit({
    name: 'foreign',
    outputs: { features: Add(Mul(foreignInput, scalar(10)), scalar(1)), other: Relu(foreignInput) },
  }),
  'foreign',
);
const front = {
  name: 'front',
  outputs: { pixels: Mul(Cast(input('bytes', 'uint8', ['n', 2]), 'float32'), scalar(0.5)) },
};

describe('prependGraph', () => {
  it('runs a graph of ours in front of a foreign model as one session', async () => {
    const session = await ort.InferenceSession.create(encodeOnnxModel(prependGraph(front, foreign, ['features'])));
    assert.deepEqual(session.inputNames, ['bytes']);
    assert.deepEqual(session.outputNames, ['features']);
    const { features } = await session.run({ bytes: new ort.Tensor('uint8', Uint8Array.of(2, 4), [1, 2]) });
    assert.deepEqual([...(features!.data as Float32Array)], [11, 21]);
  });

  it('names inputs and outputs that the model lacks', () => {
    assert.throws(() => prependGraph(front, foreign, ['pooled']), /no output "pooled"; there is "features", "other"/);
    const wrong = { name: 'front', outputs: { image: front.outputs.pixels } };
    assert.throws(() => prependGraph(wrong, foreign, ['features']), /no input "image"; there is "pixels"/);
  });
});
