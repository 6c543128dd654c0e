/** A service with narrow limits, and good tensors to spoil. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before } from 'node:test';
import type { RunningService } from '../../../../src/http/server.ts';
import { importModel } from '../../../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { startService } from '../../../support/in-process-service.ts';
import {
  assertInferRefused,
  type InferBody,
  postInfer,
  tensor,
  toJsonTensor,
} from '../../../support/infer-requests.ts';
import { CHECKPOINT_FOLDER } from '../../../support/reference-cases.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';

export const MAX_VALUES = 1000;
export const SIDE = 8;
export const PIXELS = 3 * SIDE * SIDE;

export let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
export let service: RunningService;
export let expectedResponse: string;

before(async () => {
  tiny = await makeTinyModel();
  const weights = path.join(CHECKPOINT_FOLDER, 'weights.safetensors');
  await importModel(path.join(tiny.home, 'models'), weights, { name: 'both' });
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'tiny,both',
    PANELVEC_MAX_ITEMS: '4',
    PANELVEC_MAX_BODY_BYTES: '200000',
    PANELVEC_MAX_TENSOR_VALUES: String(MAX_VALUES),
  });
  expectedResponse = await postGoodRequest();
});
after(async () => {
  await service.close();
  await tiny.remove();
});

export const numbers = (count: number) => Array.from({ length: count }, (_, i) => (i % 10) / 10);
export const comp = toJsonTensor(tensor('comp_feats', 'FP32', [1, 7], numbers(7)));
export const ids = toJsonTensor(tensor('input_ids', 'INT64', [1, 3], [1, 2, 3]));
export const mask = toJsonTensor(tensor('attention_mask', 'INT64', [1, 3], [1, 1, 1]));
export const images = toJsonTensor(tensor('images', 'FP32', [1, 3, SIDE, SIDE], numbers(PIXELS)));
export const present = (...values: number[]) => toJsonTensor(tensor('modality_mask', 'FP32', [1, 3], values));
export const withBinarySize = (bytes: unknown) => ({
  ...comp,
  data: undefined,
  parameters: { binary_data_size: bytes },
});
export const twoRows = { ...comp, shape: [2, 7] };

export async function postGoodRequest(): Promise<string> {
  const response = await postInfer(service.address, 'tiny', { json: { inputs: [comp, ids, mask, images] } });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

/** Asserts that a request is refused and the next one succeeds. */
export async function assertRefusedAndServing(
  model: string,
  body: InferBody,
  ...expected: [number, string, string | null, RegExp?]
) {
  await assertInferRefused(await postInfer(service.address, model, body), ...expected);
  assert.equal(await postGoodRequest(), expectedResponse);
}
