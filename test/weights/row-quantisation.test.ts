import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { quantiseRows } from '../../src/weights/row-quantisation.ts';
import { readSafetensors, readSafetensorsHeader } from '../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../src/weights/safetensors-writer.ts';
import { float32Tensor, float32View, type Tensor } from '../../src/weights/tensor.ts';
import { maxDifference, seeded } from '../support/numeric.ts';

const [ROWS, WIDTH] = [5, 7];
const random = seeded(1);
/** Rows of very different sizes, one of zeros. */
const matrix = Float32Array.from(
  { length: ROWS * WIDTH },
  (_, i) => random() * [100, 1, 0, 1e-4, 1][Math.floor(i / WIDTH)]!,
);
const { values, scales } = quantiseRows(matrix, WIDTH);
const int8: Tensor = { dtype: 'int8', shape: [ROWS, WIDTH], bytes: new Uint8Array(values.buffer) };

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-rows-'));
});
after(() => rm(folder, { recursive: true }));

async function writeFile(tensors: Record<string, Tensor>): Promise<string> {
  const file = path.join(folder, 'rows.safetensors');
  await writeSafetensors(file, new Map(Object.entries(tensors)));
  return file;
}

describe('a matrix in 8 bits with a scale for each row', () => {
  it('is read as float32, each row within half a step of what it was', async () => {
    const file = await writeFile({
      w: int8,
      b: float32Tensor([1], Float32Array.of(3)),
      'w.scale': float32Tensor([ROWS], scales),
    });
    const { tensors } = await readSafetensors(file);
    assert.deepEqual([...tensors.keys()], ['w', 'b']);
    const read = tensors.get('w')!;
    assert.deepEqual([read.dtype, read.shape], ['float32', [ROWS, WIDTH]]);
    for (let row = 0; row < ROWS; row++) {
      const [actual, expected] = [float32View(read), matrix].map((all) => all.subarray(row * WIDTH, (row + 1) * WIDTH));
      const half = Math.max(...expected!.map(Math.abs)) / 127 / 2;
      assert.ok(maxDifference(actual!, expected!) <= half * 1.0001, `row ${row}`);
    }
  });

  it('is float32 in the header too, and is loaded with its scales when it alone is wanted', async () => {
    const file = await writeFile({ w: int8, 'w.scale': float32Tensor([ROWS], scales) });
    const { entries } = await readSafetensorsHeader(file);
    assert.deepEqual(
      [...entries].map(([key, { dtype }]) => [key, dtype]),
      [['w', 'float32']],
    );
    const { tensors } = await readSafetensors(file, (key) => key === 'w');
    assert.equal(tensors.get('w')?.dtype, 'float32');
  });

  it('stays int8 beside scales that do not fit it', async () => {
    for (const scale of [float32Tensor([ROWS - 1], scales.subarray(1)), { ...int8, shape: [ROWS * WIDTH] }]) {
      const { tensors } = await readSafetensors(await writeFile({ w: int8, 'w.scale': scale }));
      assert.deepEqual([...tensors.keys()], ['w', 'w.scale']);
      assert.equal(tensors.get('w')?.dtype, 'int8');
    }
  });
});
