import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineHeadGraph, type HeadGraph } from '../../../src/architectures/head/head.ts';
import { maxDifference } from '../../support/numeric.ts';
import {
  listReferenceCases,
  type ReferenceCase,
  readReferenceCase,
  toFloat32Array,
} from '../../support/reference-cases.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const TOLERANCE = 1e-5;

async function run(reference: ReferenceCase, graph: HeadGraph, inputs: Record<string, string>) {
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, key]) => {
      const tensor = reference.io.get(key)!;
      return [name, float32Tensor(toFloat32Array(tensor), tensor.shape)];
    }),
  );
  return runGraph(defineHeadGraph(graph, reference.weights, reference.spec), feeds);
}

function assertClose(reference: ReferenceCase, key: string, actual: { data: unknown }) {
  const difference = maxDifference(actual.data as Float32Array, toFloat32Array(reference.io.get(key)));
  assert.ok(difference <= TOLERANCE, `${reference.name} ${key}: off by ${difference}`);
}

const VECTORS = { vision: 'out.vision', text: 'out.text', composition: 'out.composition' };

for (const name of listReferenceCases()) {
  describe(`the head equals the original PyTorch code: ${name}`, () => {
    it('in the visual vector of pooled backbone features', async () => {
      const reference = await readReferenceCase(name);
      const inputs = Object.fromEntries(reference.spec.backbones.map((b) => [b.name, `out.${b.name}_pooled`]));
      const outputs = await run(reference, 'vision', inputs);
      assertClose(reference, 'out.vision', outputs['vision']!);
    });

    it('in the text vector of pooled encoder features', async () => {
      const reference = await readReferenceCase(name);
      const outputs = await run(reference, 'text', { text_features: 'out.text_pooled' });
      assertClose(reference, 'out.text', outputs['text']!);
    });

    it('in the composition vector', async () => {
      const reference = await readReferenceCase(name);
      const outputs = await run(reference, 'composition', { comp_feats: 'in.comp_feats' });
      assertClose(reference, 'out.composition', outputs['composition']!);
    });

    it('in the fused vector, with all eight masks', async () => {
      const reference = await readReferenceCase(name);
      const outputs = await run(reference, 'fusion', { ...VECTORS, modality_mask: 'in.modality_mask' });
      assertClose(reference, 'out.fused', outputs['fused']!);
    });

    it('in the fused vector, with all modalities present', async () => {
      const reference = await readReferenceCase(name);
      const n = reference.io.get('in.modality_mask')!.shape[0]!;
      const feeds = Object.fromEntries(
        Object.entries(VECTORS).map(([input, key]) => {
          const tensor = reference.io.get(key)!;
          return [input, float32Tensor(toFloat32Array(tensor), tensor.shape)];
        }),
      );
      const mask = float32Tensor(new Float32Array(n * 3).fill(1), [n, 3]);
      const graph = defineHeadGraph('fusion', reference.weights, reference.spec);
      const outputs = await runGraph(graph, { ...feeds, modality_mask: mask });
      assertClose(reference, 'out.fused_all', outputs['fused']!);
    });
  });
}
