import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  assertGolden,
  computeGolden,
  measureGolden,
  smallestCosine,
} from '../../../src/embedding/golden/golden-check.ts';
import { goldenInputs, readGoldenPanels, toGoldenPanels } from '../../../src/embedding/golden/golden-panels.ts';
import type { ServedModel } from '../../../src/embedding/served-model.ts';
import type { EngineItem } from '../../../src/inference/engine-types.ts';
import type { Services } from '../../../src/services.ts';
import { createTestServices } from '../../support/in-process-service.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const one = Float32Array.of(1, 0);

describe('the golden check of a model without golden panels', () => {
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  let services: Services;
  let served: ServedModel;
  before(async () => {
    tiny = await makeTinyModel();
    services = await createTestServices({
      PANELVEC_HOME: tiny.home,
      PANELVEC_MODELS: tiny.name,
      PANELVEC_DEVICES: '0,1',
    });
    served = services.models.find(undefined);
  });
  after(async () => {
    await services.pool.stop();
    await tiny.remove();
  });

  it('has inputs of each modality alone and of all together', async () => {
    const inputs = await goldenInputs(served);
    const kinds = inputs.map(({ pattern, text, composition }) =>
      [pattern, text, composition].map((part) => part !== null),
    );
    assert.deepEqual(kinds, [
      [true, false, false],
      [false, true, false],
      [false, false, true],
      [true, true, true],
    ]);
    const withoutText = await goldenInputs({ ...served, tokenizer: undefined });
    assert.ok(withoutText.length > 0 && withoutText.every(({ text }) => text === null));
  });

  it('passes on every engine with the vectors that one has computed', async () => {
    const inputs = await goldenInputs(served);
    const [engine] = await computeGolden(services.pool, served, inputs);
    const panels = toGoldenPanels(inputs, engine?.vectors ?? []);
    const results = await measureGolden(services.pool, served, panels);
    assert.deepEqual(
      results.map(({ device, problem }) => [device, problem]),
      [
        [0, null],
        [1, null],
      ],
    );
    assert.ok((await assertGolden(services.pool, served, panels)) > 0.999999);
  });

  it('names the model and the engine that computes something else', async () => {
    const inputs = await goldenInputs(served);
    const [engine] = await computeGolden(services.pool, served, inputs);
    const panels = toGoldenPanels(inputs, (engine?.vectors ?? []).toReversed());
    await assert.rejects(assertGolden(services.pool, served, panels), {
      code: 'golden_mismatch',
      message: /^model tiny@1, engine 0 on device 0: the cosine to a golden vector is -?0\.\d+, less than 0\.999$/,
    });
  });

  it('refuses numbers that are not finite', async () => {
    const inputs = await goldenInputs(served);
    const vectors = inputs.map(() => new Float32Array(16).fill(Number.NaN));
    const results = vectors.map((fused) => ({ vectors: { fused }, gateWeights: null, backboneWeights: null }));
    const pool = { runOnEach: async (_: string, __: readonly EngineItem[]) => [{ device: 0, index: 0, results }] };
    await assert.rejects(assertGolden(pool, served, toGoldenPanels(inputs, vectors)), {
      code: 'golden_mismatch',
      message: /numbers that are not finite/,
    });
  });

  it('keeps no golden panel without a vector', () => {
    assert.throws(() => toGoldenPanels([{ pattern: 1, text: null, composition: null }], []), /no engine has computed/);
  });

  it('reads no golden panels where the folder has none', async () => {
    assert.deepEqual(await readGoldenPanels(served.model), []);
  });
});

describe('the smallest cosine', () => {
  it('is that of the vector that is farthest', () => {
    assert.equal(smallestCosine([one, Float32Array.of(0, 2)], [one, Float32Array.of(1, 0)]), 0);
    assert.equal(smallestCosine([one, one], [one, Float32Array.of(3, 0)]), 1);
  });

  it('is no number that passes where a vector is zero, not finite, missing or of another length', () => {
    const infinite = Float32Array.of(1, Number.POSITIVE_INFINITY);
    for (const vectors of [
      [Float32Array.of(0, 0)],
      [infinite],
      [Float32Array.of(1, Number.NaN)],
      [],
      [Float32Array.of(1)],
    ]) {
      assert.equal(smallestCosine(vectors, [one]), -1);
    }
  });
});
