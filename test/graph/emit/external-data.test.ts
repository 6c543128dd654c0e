import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { toOnnxModel } from '../../../src/graph/emit/emit.ts';
import { countWeightBytes, moveWeightsToFile } from '../../../src/graph/emit/external-data.ts';
import { encodeOnnxModel } from '../../../src/graph/emit/onnx-encoding.ts';
import { Add, MatMul, Reshape } from '../../../src/graph/ops/operators.ts';
import { input, parameter } from '../../../src/graph/value.ts';
import { seeded } from '../../support/numeric.ts';

const SIDE = 40;
const randomWeights = (name: string, seed: number) =>
  parameter(
    name,
    'float32',
    [SIDE, SIDE],
    new Uint8Array(Float32Array.from({ length: SIDE ** 2 }, seeded(seed)).buffer),
  );
const x = input('x', 'float32', ['n', SIDE]);
const model = toOnnxModel({
  name: 'g',
  outputs: { y: Reshape(Add(MatMul(x, randomWeights('a', 1)), MatMul(x, randomWeights('b', 2))), [-1]) },
});

describe('weights in a file of their own', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-external-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('give the same results, and the file is not needed after the session is open', async () => {
    const file = path.join(folder, 'weights');
    const externalModel = await moveWeightsToFile(model, file);
    assert.equal((await stat(file)).size, 2 * 4 * SIDE ** 2);
    assert.ok(countWeightBytes(externalModel) < 100 && countWeightBytes(model) > 2 * 4 * SIDE ** 2);
    const extra = { session: { model_external_initializers_file_folder_path: folder } };
    const [inlineSession, externalSession] = [
      await ort.InferenceSession.create(encodeOnnxModel(model)),
      await ort.InferenceSession.create(encodeOnnxModel(externalModel), { extra }),
    ];
    await rm(file);
    const feeds = { x: new ort.Tensor('float32', Float32Array.from({ length: 2 * SIDE }, seeded(3)), [2, SIDE]) };
    const [a, b] = [await inlineSession.run(feeds), await externalSession.run(feeds)];
    assert.deepEqual(a['y']!.data, b['y']!.data);
    await Promise.all([inlineSession.release(), externalSession.release()]);
  });
});
