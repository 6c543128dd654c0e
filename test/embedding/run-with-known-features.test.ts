import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeatureMemory } from '../../src/embedding/feature-memory.ts';
import type { PanelSource } from '../../src/embedding/panel-source.ts';
import { runWithKnownFeatures } from '../../src/embedding/run-with-known-features.ts';
import { PanelvecError } from '../../src/errors.ts';
import type { EngineItem, EngineResult } from '../../src/inference/engine-types.ts';

const RESULT: EngineResult = { vectors: { fused: Float32Array.of(1) }, gateWeights: null, backboneWeights: null };

/** Runs a panel with a picture, and returns how many bytes of pixels the engines got and how many are left afterwards. */
async function countPixels(compute: () => Promise<EngineResult>): Promise<{ sent: number; left: number }> {
  const pixels = new Uint8Array(150_528);
  const panel: PanelSource = {
    param: 'input[0]',
    picture: { key: undefined, field: 'image', decode: async () => pixels },
    tokens: null,
    textKey: undefined,
    composition: null,
    reading: null,
  };
  let sent = 0;
  const run = (item: EngineItem) => {
    sent = item.pixels?.length ?? 0;
    return compute();
  };
  const { signal } = new AbortController();
  await runWithKnownFeatures(panel, ['fused'], new FeatureMemory(0), run, signal).catch(() => {});
  return { sent, left: pixels.length };
}

describe('the pixels of a panel', () => {
  it('are freed when its vectors are there', async () => {
    assert.deepEqual(await countPixels(async () => RESULT), { sent: 150_528, left: 0 });
  });

  it('are freed when the engines have given it up', async () => {
    const fail = async () =>
      Promise.reject(new PanelvecError('inference_failed', 'the model cannot compute this panel'));
    assert.deepEqual(await countPixels(fail), { sent: 150_528, left: 0 });
  });
});
