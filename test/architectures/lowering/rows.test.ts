import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { chooseLowering } from '../../../src/architectures/encoders/code-encoder.ts';
import type { Lowering } from '../../../src/architectures/lowering/lowering.ts';
import { STANDARD_LOWERING } from '../../../src/architectures/lowering/standard-lowering.ts';
import { collectDependencies } from '../../../src/graph/dependencies.ts';
import { convertToFloat16 } from '../../../src/graph/rewrite/convert-to-float16.ts';
import { input, type Value } from '../../../src/graph/value.ts';
import { quantiseRows } from '../../../src/weights/row-quantisation.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { float32Tensor, type Tensor } from '../../../src/weights/tensor.ts';
import { seeded } from '../../support/numeric.ts';
import { runGraph } from '../../support/run-graph.ts';

const [ROWS, WIDTH] = [50, 33];
const random = seeded(3);
const matrix = Float32Array.from({ length: ROWS * WIDTH }, () => random() * 3);

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-lowering-'));
});
after(() => rm(folder, { recursive: true }));

async function writeTable(isQuantised: boolean): Promise<StateDict> {
  const file = path.join(folder, 'table.safetensors');
  const { values, scales } = quantiseRows(matrix, WIDTH);
  const int8: Tensor = { dtype: 'int8', shape: [ROWS, WIDTH], bytes: new Uint8Array(values.buffer) };
  const quantised = { 'm.table': int8, 'm.table.scale': float32Tensor([ROWS], scales) };
  const tensors = isQuantised ? quantised : { 'm.table': float32Tensor([ROWS, WIDTH], matrix) };
  await writeSafetensors(file, new Map<string, Tensor>(Object.entries(tensors)));
  return (await StateDict.read(file)).withPrefix('m.');
}

function rows(lowering: Lowering, weights: StateDict): Value {
  return lowering.rows(input('ids', 'int64', ['n', 't']), { weights, key: 'table', rows: ROWS, width: WIDTH });
}

async function run(output: Value): Promise<Float32Array> {
  const ids = new ort.Tensor(
    'int64',
    BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(ROWS - 1 - i)),
    [2, ROWS / 2],
  );
  const { data } = (await runGraph({ name: 'rows', outputs: { output } }, { ids }))['output']!;
  return data as Float32Array;
}

function parameterTypes(output: Value): string[] {
  return collectDependencies([output]).parameters.map(({ name, type }) => `${name} ${type.dtype}`);
}

describe('rows of a matrix that is stored as integers', () => {
  for (const precision of ['fp32', 'int8'] as const) {
    it(`stay integers in a session of ${precision}, and are the same floats to the last bit`, async () => {
      const weights = await writeTable(true);
      const output = rows(chooseLowering(precision), weights);
      assert.deepEqual(parameterTypes(output), ['m.table.int8 int8', 'm.table.scale float32']);
      assert.deepEqual(await run(output), await run(rows(STANDARD_LOWERING, weights)));
    });
  }

  it('are narrowed as floats in a session of fp16, whose vectors would be others else', async () => {
    const weights = await writeTable(true);
    const narrow = (lowering: Lowering) => run(convertToFloat16({ rows: rows(lowering, weights) })['rows'] as Value);
    assert.deepEqual(await narrow(chooseLowering('fp16')), await narrow(STANDARD_LOWERING));
    assert.notDeepEqual(await narrow(chooseLowering('fp32')), await narrow(STANDARD_LOWERING));
  });

  it('are floats for what needs gradients, and where the file has floats', async () => {
    assert.deepEqual(parameterTypes(rows(STANDARD_LOWERING, await writeTable(true))), ['m.table float32']);
    assert.deepEqual(parameterTypes(rows(chooseLowering('fp32'), await writeTable(false))), ['m.table float32']);
  });

  it('have the shape that the encoder asks for', async () => {
    const weights = await writeTable(true);
    assert.throws(() => weights.quantisedRows('table', [ROWS, WIDTH + 1]), { code: 'weights_invalid' });
  });
});
