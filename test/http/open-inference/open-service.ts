/** A service with three models, and requests to it. */
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before } from 'node:test';
import type { RunningService } from '../../../src/http/serve.ts';
import { importModel } from '../../../src/model/original/import-model.ts';
import { seeded } from '../../support/numbers.ts';
import { readOutcome } from '../../support/open-inference.ts';
import { asBinary, type FullTensor, type OpenBody, postOpen, tensor } from '../../support/open-tensors.ts';
import { REFERENCE } from '../../support/reference.ts';
import { startService } from '../../support/services.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

/** `tiny` fuses what is present, from one backbone; `two` and `both` as the original does, from two. */
export const SIDES = { tiny: 8, two: 8, both: 64 } as const;
export type Model = keyof typeof SIDES;
export const MAX_BATCH = 4;

export let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
export let service: RunningService;
before(async () => {
  tiny = await makeTinyModel();
  const models = path.join(tiny.home, 'models');
  const two = await makeTinyModel({ name: 'two', mode: 'reference' });
  await cp(two.folder, path.join(models, 'two'), { recursive: true });
  await two.remove();
  await importModel(models, path.join(REFERENCE, 'both-attention/weights.safetensors'), { name: 'both' });
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

export const get = async (place: string) => {
  const response = await fetch(service.address + place);
  return { status: response.status, body: (await response.json()) as unknown };
};

export async function infer(model: Model, body: OpenBody) {
  const outcome = await readOutcome(await postOpen(service.address, model, body));
  assert.equal(outcome.status, 200, JSON.stringify(outcome.json));
  return outcome;
}
export const outputsOf = async (model: Model, tensors: readonly FullTensor[], names?: readonly string[]) =>
  (
    await infer(
      model,
      asBinary(tensors, { outputs: names?.map((name) => ({ name, parameters: { binary_data: true } })) }),
    )
  ).outputs;

/** Everything that `count` panels may have, different in each. */
export function panels(
  model: Model,
  count: number,
  seed = 1,
): Record<'images' | 'ids' | 'mask' | 'comp' | 'present', FullTensor> {
  const random = seeded(seed);
  const [side, places] = [SIDES[model], 6];
  const draw = (length: number) => Array.from({ length }, () => Math.fround(random()));
  const lengths = Array.from({ length: count }, (_, row) => 1 + (row % places));
  const looked = lengths.flatMap((length) => Array.from({ length: places }, (_, at) => Number(at < length)));
  return {
    images: tensor('images', 'FP32', [count, 3, side, side], draw(count * 3 * side ** 2)),
    ids: tensor(
      'input_ids',
      'INT64',
      [count, places],
      draw(count * places).map((value) => Math.floor(20 + 15 * value)),
    ),
    mask: tensor('attention_mask', 'INT64', [count, places], looked),
    comp: tensor('comp_feats', 'FP32', [count, 7], draw(count * 7)),
    present: tensor('modality_mask', 'FP32', [count, 3], Array(3 * count).fill(1)),
  };
}

export const withValues = (given: FullTensor, values: readonly number[]): FullTensor => ({ ...given, values });
export const text = (places: readonly number[], looked: readonly number[] = places.map(() => 1)): FullTensor[] => [
  tensor('input_ids', 'INT64', [1, places.length], places),
  tensor('attention_mask', 'INT64', [1, places.length], looked),
];
export const rowOf = (rows: Float32Array, row: number, count: number) => {
  const width = rows.length / count;
  return rows.slice(row * width, (row + 1) * width);
};
