/** A service with three models, and requests to it. */
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before } from 'node:test';
import type { RunningService } from '../../../../src/http/server.ts';
import { importModel } from '../../../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { startService } from '../../../support/in-process-service.ts';
import { readInferResponse } from '../../../support/infer-client.ts';
import {
  type InferBody,
  postInfer,
  type TensorWithValues,
  tensor,
  toBinaryBody,
} from '../../../support/infer-requests.ts';
import { seeded } from '../../../support/numeric.ts';
import { REFERENCE_FOLDER, readReferenceConfig } from '../../../support/reference-cases.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';

const REFERENCE_CASE = 'both-attention';
const { feature_dim: referenceWidth, sizes } = await readReferenceConfig(REFERENCE_CASE);

/**
 * Image size of each model. `tiny` fuses what is present, from one backbone; `two` and `both` as the original does,
 * from two.
 */
export const SIDES = { tiny: 8, two: 8, both: sizes.siglip.image } as const;
/** Length of the vectors of each model. */
export const WIDTHS = { tiny: 16, two: 16, both: referenceWidth } as const;
export type TestModel = keyof typeof SIDES;
export const MAX_BATCH = 4;

export let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
export let service: RunningService;
before(async () => {
  tiny = await makeTinyModel();
  const models = path.join(tiny.home, 'models');
  const two = await makeTinyModel({ name: 'two', mode: 'reference' });
  await cp(two.folder, path.join(models, 'two'), { recursive: true });
  await two.remove();
  await importModel(models, path.join(REFERENCE_FOLDER, REFERENCE_CASE, 'weights.safetensors'), { name: 'both' });
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: Object.keys(SIDES).join(','),
    PANELVEC_MAX_BATCH: String(MAX_BATCH),
  });
});
after(async () => {
  await service.close();
  await rm(tiny.home, { recursive: true });
});

export const get = async (urlPath: string) => {
  const response = await fetch(service.address + urlPath);
  return { status: response.status, body: (await response.json()) as unknown };
};

export async function infer(model: TestModel, body: InferBody) {
  const outcome = await readInferResponse(await postInfer(service.address, model, body));
  assert.equal(outcome.status, 200, JSON.stringify(outcome.json));
  return outcome;
}
export const inferOutputs = async (model: TestModel, tensors: readonly TensorWithValues[], names?: readonly string[]) =>
  (
    await infer(
      model,
      toBinaryBody(tensors, { outputs: names?.map((name) => ({ name, parameters: { binary_data: true } })) }),
    )
  ).outputs;

/** Everything that `count` panels may have, different in each. */
export function makePanelTensors(
  model: TestModel,
  count: number,
  seed = 1,
): Record<'images' | 'ids' | 'mask' | 'comp' | 'present', TensorWithValues> {
  const random = seeded(seed);
  const [side, tokenCount] = [SIDES[model], 6];
  const draw = (length: number) => Array.from({ length }, () => Math.fround(random()));
  const lengths = Array.from({ length: count }, (_, row) => 1 + (row % tokenCount));
  const attention = lengths.flatMap((length) => Array.from({ length: tokenCount }, (_, i) => Number(i < length)));
  return {
    images: tensor('images', 'FP32', [count, 3, side, side], draw(count * 3 * side ** 2)),
    ids: tensor(
      'input_ids',
      'INT64',
      [count, tokenCount],
      draw(count * tokenCount).map((value) => Math.floor(20 + 15 * value)),
    ),
    mask: tensor('attention_mask', 'INT64', [count, tokenCount], attention),
    comp: tensor('comp_feats', 'FP32', [count, 7], draw(count * 7)),
    present: tensor('modality_mask', 'FP32', [count, 3], Array(3 * count).fill(1)),
  };
}

export const withValues = (original: TensorWithValues, values: readonly number[]): TensorWithValues => ({
  ...original,
  values,
});
export const textTensors = (
  tokenIds: readonly number[],
  attention: readonly number[] = tokenIds.map(() => 1),
): TensorWithValues[] => [
  tensor('input_ids', 'INT64', [1, tokenIds.length], tokenIds),
  tensor('attention_mask', 'INT64', [1, tokenIds.length], attention),
];
export const sliceRow = (rows: Float32Array, row: number, count: number) => {
  const width = rows.length / count;
  return rows.slice(row * width, (row + 1) * width);
};
