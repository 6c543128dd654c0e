import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineHeadGraph } from '../../../src/architectures/head/head.ts';
import { layerNorm } from '../../../src/architectures/head/layers.ts';
import { input } from '../../../src/graph/value.ts';
import type { HeadSpec } from '../../../src/model/head-spec.ts';
import { MODALITIES } from '../../../src/model/modality.ts';
import { maxDifference, seeded } from '../../support/numeric.ts';
import { listReferenceCases, readReferenceCase, toFloat32Array } from '../../support/reference-cases.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const MASKS = [1, 2, 3, 4, 5, 6, 7].map((bits) => MODALITIES.map((_, slot) => (bits >> slot) & 1));
/** Values of an absent vector. Multiplying by zero would not remove infinities and NaN. */
const ABSENT_VALUES = [0, 1, -3.5, 1e30, Number.POSITIVE_INFINITY, Number.NaN];

async function fuse(name: string, mode: HeadSpec['fusionMode'], absentValue: number) {
  const { spec, weights } = await readReferenceCase(name);
  const random = seeded(7);
  const rows = MASKS.length;
  const feeds = Object.fromEntries(
    MODALITIES.map((modality, slot) => {
      const data = Float32Array.from({ length: rows * spec.dimensions }, (_, i) => {
        const content = random();
        return MASKS[Math.floor(i / spec.dimensions)]![slot] ? content : absentValue;
      });
      return [modality, float32Tensor(data, [rows, spec.dimensions])];
    }),
  );
  const mask = float32Tensor(MASKS.flat(), [rows, MODALITIES.length]);
  const graph = defineHeadGraph('fusion', weights, { ...spec, fusionMode: mode });
  const { fused, gate_weights } = await runGraph(graph, { ...feeds, modality_mask: mask });
  return { fused: fused!.data as Float32Array, gates: gate_weights!.data as Float32Array };
}

for (const name of listReferenceCases()) {
  describe(`present mode ignores absent modalities: ${name}`, () => {
    it('gives the same bits whatever their vectors hold', async () => {
      const expected = await fuse(name, 'present', ABSENT_VALUES[0]!);
      assert.ok(expected.fused.every(Number.isFinite));
      for (const absentValue of ABSENT_VALUES.slice(1)) {
        const actual = await fuse(name, 'present', absentValue);
        assert.deepEqual(
          Buffer.from(actual.fused.buffer),
          Buffer.from(expected.fused.buffer),
          `filled with ${absentValue}`,
        );
        assert.deepEqual(
          Buffer.from(actual.gates.buffer),
          Buffer.from(expected.gates.buffer),
          `filled with ${absentValue}`,
        );
      }
    });

    it('fuses a single modality to its normalised vector plus its own residual', async () => {
      const { spec, weights } = await readReferenceCase(name);
      const vector = input('vector', 'float32', ['n', spec.dimensions]);
      const random = seeded(7);
      const data = Float32Array.from({ length: spec.dimensions }, random);
      const normed = { name: 'norm', outputs: { normed: layerNorm(weights, 'fusion.norm_vision', vector) } };
      const expected = (await runGraph(normed, { vector: float32Tensor(data, [1, spec.dimensions]) }))['normed']!;
      const scale = 1 + toFloat32Array(weights.parameter('fusion.residual_weight', []))[0]!;
      const { fused } = await fuse(name, 'present', 0);
      const alone = fused.subarray(0, spec.dimensions);
      assert.ok(
        maxDifference(
          alone,
          (expected.data as Float32Array).map((value) => value * scale),
        ) < 1e-5,
      );
    });

    it('gives absent modalities a gate weight of exactly zero', async () => {
      const { gates } = await fuse(name, 'present', 1);
      MASKS.flat().forEach((present, i) => {
        assert.equal(gates[i]! > 0, present === 1);
      });
    });

    it('differs from reference mode, which does not ignore them', async () => {
      const zeros = await fuse(name, 'reference', 0);
      const ones = await fuse(name, 'reference', -3.5);
      // Normalised constants are all zero; the difference shows where the filling varies, so one number is enough.
      const present = await fuse(name, 'present', 0);
      assert.ok(maxDifference(zeros.fused, present.fused) > 1e-3 || maxDifference(ones.fused, present.fused) > 1e-3);
    });
  });
}
