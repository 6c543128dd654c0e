import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { drawPattern } from '../../../src/embedding/golden/draw-picture.ts';
import { ModelRuntime } from '../../../src/inference/engine/model-runtime.ts';
import type { EngineItem } from '../../../src/inference/engine-types.ts';
import type { Model } from '../../../src/model/model.ts';
import { PRECISIONS, type Precision } from '../../../src/model/spec-fields.ts';
import { withPrecision } from '../../../src/model-tools/with-precision.ts';
import { loadTokenizer } from '../../../src/preprocess/text-tokenizer.ts';
import { cosine } from '../../support/numeric.ts';
import { makeSmallStage3 } from '../../support/small-stage3.ts';

const CPU = { provider: 'cpu', device: 0, threads: 2 } as const;

let smallModel: Awaited<ReturnType<typeof makeSmallStage3>>;
let items: EngineItem[];
before(async () => {
  smallModel = await makeSmallStage3();
  const tokenizer = await loadTokenizer(smallModel.model);
  items = ['Boom!', 'a longer text with many more words in it, and signs: why?', 'cat', 'No. Never!', 'the end'].map(
    (text, i) => ({
      pixels: drawPattern(i + 2, 64),
      tokens: tokenizer.encode(text).tokens,
      composition: Float32Array.of(1, 0.2, 0.1 * i, 0, 0, 0.5, 0.25),
      outputs: ['vision', 'text', 'fused'],
    }),
  );
});
after(() => smallModel.remove());

function toPrecision({ spec, ...model }: Model, precision: Precision): Model {
  return { ...model, spec: { ...withPrecision(spec, spec.name, precision), files: spec.files } };
}

describe('encoders that are code', () => {
  const fp32: Float32Array[] = [];
  for (const precision of PRECISIONS) {
    it(`give each panel the same bytes alone and beside others, in ${precision}`, async () => {
      const model = precision === 'fp32' ? smallModel.model : toPrecision(smallModel.model, precision);
      const runtime = await ModelRuntime.load(model, CPU, 8);
      const alone = await Promise.all(items.map(async (item) => (await runtime.run([item]))[0]!.vectors));
      for (const arrangement of [items, items.toReversed(), [...items, ...items.slice(0, 3)], items.slice(1, 3)]) {
        const together = await runtime.run(arrangement);
        together.forEach(({ vectors }, i) => {
          assert.deepEqual(vectors, alone[items.indexOf(arrangement[i]!)]);
        });
      }
      if (precision === 'fp32') fp32.push(...alone.map(({ fused }) => fused!));
      const cosines = alone.map(({ fused }, i) => cosine(fused!, fp32[i]!));
      assert.ok(Math.min(...cosines) > 0.99, `${cosines}`);
      if (precision !== 'fp32') assert.notDeepEqual(alone[0]!.fused, fp32[0]);
    });
  }
});
