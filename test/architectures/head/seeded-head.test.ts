import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineHeadGraph } from '../../../src/architectures/head/head.ts';
import { seedHead } from '../../../src/architectures/head/seeded-head.ts';
import type { HeadSpec } from '../../../src/model/head-spec.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { cosine, seeded } from '../../support/numeric.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const spec: HeadSpec = {
  dimensions: 128,
  backbones: [{ name: 'encoder', features: 400 }],
  textFeatures: 128,
  visualFusion: 'single',
  modalityIndicators: true,
  fusionMode: 'present',
};
const weights = new StateDict('seeded', seedHead(spec, 1));

/** Interpolates between two random vectors: neighbours are similar, the ends are not. */
function interpolate(width: number, steps: number): Float32Array[] {
  const random = seeded(11);
  const [from, to] = [0, 1].map(() => Array.from({ length: width }, random));
  return Array.from({ length: steps }, (_, step) => {
    const fraction = step / (steps - 1);
    return Float32Array.from(from!, (value, i) => value * (1 - fraction) + to![i]! * fraction);
  });
}

async function project(
  graph: 'vision' | 'text',
  input: string,
  rows: readonly Float32Array[],
): Promise<Float32Array[]> {
  const width = rows[0]!.length;
  const feed = float32Tensor(Float32Array.from(rows.flatMap((row) => [...row])), [rows.length, width]);
  const output = (await runGraph(defineHeadGraph(graph, weights, spec), { [input]: feed }))[graph]!;
  const data = output.data as Float32Array;
  return rows.map((_, row) => data.subarray(row * spec.dimensions, (row + 1) * spec.dimensions));
}

describe('seeded head', () => {
  it('depends on the seed only', () => {
    const bytes = (seed: number) => Buffer.concat([...seedHead(spec, seed).values()].map((tensor) => tensor.bytes));
    assert.deepEqual(bytes(5), bytes(5));
    assert.notDeepEqual(bytes(5), bytes(6));
  });

  for (const [graph, input, width] of [
    ['vision', 'encoder', 400],
    ['text', 'text_features', 128],
  ] as const) {
    it(`preserves the angles between ${graph} features`, async () => {
      const rows = interpolate(width, 9);
      const projected = await project(graph, input, rows);
      for (let step = 1; step < rows.length; step++) {
        const before = cosine(rows[0]!, rows[step]!);
        const after = cosine(projected[0]!, projected[step]!);
        assert.ok(Math.abs(before - after) < 0.12, `cosine ${before} became ${after}`);
      }
    });
  }
});
