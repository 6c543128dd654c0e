import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AbsentFeatures } from '../../../src/evaluation/baselines/baseline.ts';
import type { ViewFeatures } from '../../../src/evaluation/vectors/fusion.ts';
import { openHeadFusion } from '../../../src/evaluation/vectors/head-fusion.ts';
import { ModelRuntime } from '../../../src/inference/engine/model-runtime.ts';
import type { EngineItem } from '../../../src/inference/engine-types.ts';
import { computeAbsentFeatures } from '../../../src/jobs/evaluate/absent-features.ts';
import type { Resources } from '../../../src/jobs/job-kind.ts';
import { MODALITIES } from '../../../src/model/modality.ts';
import { type Model, readModel } from '../../../src/model/model.ts';
import { loadTokenizer } from '../../../src/preprocess/text-tokenizer.ts';
import { concatenateFloats } from '../../../src/util/arrays.ts';
import { seeded } from '../../support/numeric.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const OPTIONS = { provider: 'cpu', device: 0, threads: 1 } as const;
/** More than one run has. */
const ROWS = 100;

for (const mode of ['present', 'reference'] as const) {
  describe(`the head of a model in ${mode} mode, over features`, () => {
    let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
    let model: Model;
    let runtime: ModelRuntime;
    let absent: AbsentFeatures;
    before(async () => {
      tiny = await makeTinyModel({ mode });
      model = await readModel(tiny.folder);
      runtime = await ModelRuntime.load(model, OPTIONS, 8);
      const runBulk = async (_: string, item: EngineItem) => (await runtime.run([item]))[0]!;
      const servedModel = { model, tokenizer: await loadTokenizer(model) };
      const openModel = async () => ({ servedModel, engines: { runBulk }, [Symbol.dispose]: () => {} });
      const resources = { openModel } as unknown as Resources;
      absent = (await computeAbsentFeatures(model.id, { resources, signal: new AbortController().signal })).reference;
    });
    after(() => tiny.remove());

    it('gives the vectors and gate weights of the engines, whatever stands in absent places', async () => {
      const { features, items } = makePanels(model);
      await using fusion = await openHeadFusion(model, mode === 'reference' ? absent : undefined, OPTIONS);
      const result = await fusion.fuse(features);
      assert.equal(result.vectors.length, ROWS * result.dimensions);
      for (const [row, item] of items.entries()) {
        const [expected] = await runtime.run([item]);
        const vector = result.vectors.slice(row * result.dimensions, (row + 1) * result.dimensions);
        assertNear(vector, expected!.vectors.fused!, `vector of row ${row}`);
        assertNear(result.gate!.slice(row * 3, (row + 1) * 3), expected!.gateWeights!, `gate of row ${row}`);
      }
    });
  });
}

/** Panels of random features with changing modalities. What is absent has features in the rows, and none in the items. */
function makePanels({ spec }: Model): { features: ViewFeatures; items: EngineItem[] } {
  const random = seeded(3);
  const draw = (width: number) => Float32Array.from({ length: width }, random);
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const has = { vision: row % 3 !== 1, text: row % 4 !== 0, composition: row % 3 === 1 || row % 2 === 0 };
    const vision = Object.fromEntries(spec.vision.backbones.map(({ name, features }) => [name, draw(features)]));
    return { has, vision, text: draw(spec.text.features), composition: draw(7) };
  });
  const items = rows.map(
    ({ has, vision, text, composition }): EngineItem => ({
      pixels: null,
      tokens: null,
      composition: has.composition ? composition : null,
      outputs: ['fused'],
      known: { ...(has.vision && { vision }), ...(has.text && { text }) },
    }),
  );
  const features = {
    rows: ROWS,
    vision: Object.fromEntries(
      spec.vision.backbones.map(({ name }) => [name, concatenateFloats(rows.map(({ vision }) => vision[name]!))]),
    ),
    text: concatenateFloats(rows.map(({ text }) => text)),
    composition: concatenateFloats(rows.map(({ composition }) => composition)),
    present: Float32Array.from(rows.flatMap(({ has }) => MODALITIES.map((modality) => Number(has[modality])))),
  };
  return { features, items };
}

function assertNear(actual: Float32Array, expected: Float32Array, name: string): void {
  assert.equal(actual.length, expected.length, name);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(actual[i]! - value) < 1e-5, `${name}: ${i}`);
}
