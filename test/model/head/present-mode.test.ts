import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { input } from '../../../src/graph/value.ts';
import { headGraph } from '../../../src/model/head/head.ts';
import { type HeadSpec, MODALITIES } from '../../../src/model/head/head-spec.ts';
import { layerNorm } from '../../../src/model/head/layers.ts';
import { maxDifference, seeded } from '../../support/numbers.ts';
import { floats, readReferenceCase, referenceCases } from '../../support/reference.ts';
import { float32, runGraph } from '../../support/sessions.ts';

const MASKS = [1, 2, 3, 4, 5, 6, 7].map((bits) => MODALITIES.map((_, slot) => (bits >> slot) & 1));
/** What may stand in an absent slot. Infinities and NaN are what multiplying by zero would let through. */
const FILLINGS = [0, 1, -3.5, 1e30, Number.POSITIVE_INFINITY, Number.NaN];

async function fuse(name: string, mode: HeadSpec['fusionMode'], filling: number) {
  const { spec, weights } = await readReferenceCase(name);
  const random = seeded(7);
  const rows = MASKS.length;
  const feeds = Object.fromEntries(
    MODALITIES.map((modality, slot) => {
      const data = Float32Array.from({ length: rows * spec.dimensions }, (_, at) => {
        const content = random();
        return MASKS[Math.floor(at / spec.dimensions)]![slot] ? content : filling;
      });
      return [modality, float32(data, [rows, spec.dimensions])];
    }),
  );
  const mask = float32(MASKS.flat(), [rows, MODALITIES.length]);
  const graph = headGraph('fusion', weights, { ...spec, fusionMode: mode });
  const { fused, gate_weights } = await runGraph(graph, { ...feeds, modality_mask: mask });
  return { fused: fused!.data as Float32Array, gates: gate_weights!.data as Float32Array };
}

for (const name of referenceCases()) {
  describe(`present mode never looks at an absent slot: ${name}`, () => {
    it('gives the same bits whatever stands there', async () => {
      const expected = await fuse(name, 'present', FILLINGS[0]!);
      assert.ok(expected.fused.every(Number.isFinite));
      for (const filling of FILLINGS.slice(1)) {
        const actual = await fuse(name, 'present', filling);
        assert.deepEqual(
          Buffer.from(actual.fused.buffer),
          Buffer.from(expected.fused.buffer),
          `filled with ${filling}`,
        );
        assert.deepEqual(
          Buffer.from(actual.gates.buffer),
          Buffer.from(expected.gates.buffer),
          `filled with ${filling}`,
        );
      }
    });

    it('gives a modality that is alone its normalised vector, with the residual of itself and nothing else', async () => {
      const { spec, weights } = await readReferenceCase(name);
      const vector = input('vector', 'float32', ['n', spec.dimensions]);
      const random = seeded(7);
      const data = Float32Array.from({ length: spec.dimensions }, random);
      const normed = { name: 'norm', outputs: { normed: layerNorm(weights, 'fusion.norm_vision', vector) } };
      const expected = (await runGraph(normed, { vector: float32(data, [1, spec.dimensions]) }))['normed']!;
      const share = 1 + floats(weights.parameter('fusion.residual_weight', []))[0]!;
      const { fused } = await fuse(name, 'present', 0);
      const alone = fused.subarray(0, spec.dimensions);
      assert.ok(
        maxDifference(
          alone,
          (expected.data as Float32Array).map((value) => value * share),
        ) < 1e-5,
      );
    });

    it('gives absent modalities a share of exactly zero', async () => {
      const { gates } = await fuse(name, 'present', 1);
      MASKS.flat().forEach((present, at) => {
        assert.equal(gates[at]! > 0, present === 1);
      });
    });

    it('differs from reference mode, which does look', async () => {
      const zeros = await fuse(name, 'reference', 0);
      const ones = await fuse(name, 'reference', -3.5);
      // Normalised constants are all zero; the difference shows where the filling varies, so one number is enough.
      const present = await fuse(name, 'present', 0);
      assert.ok(maxDifference(zeros.fused, present.fused) > 1e-3 || maxDifference(ones.fused, present.fused) > 1e-3);
    });
  });
}
