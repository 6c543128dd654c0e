import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { TextEncoder } from '../../../src/inference/engine/text-encoder.ts';
import { type Model, readModel } from '../../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../../src/model/model-folders.ts';
import type { TextSpec } from '../../../src/model/model-spec.ts';
import { loadTokenizer } from '../../../src/preprocess/text-tokenizer.ts';
import { cosine } from '../../support/numeric.ts';

/** The bundled weights are quantised. With the published ones, all cosines are above 0.99999999. */
const MIN_COSINE = 0.999;

const text: TextSpec = {
  encoder: { kind: 'bert', weights: 'minilm.safetensors', prefix: '', heads: 12, precision: 'fp32' },
  features: 384,
  tokenizer: 'tokenizer.json',
  vocabulary: 30522,
  max_tokens: 256,
};
const compact = await readModel(path.join(BUNDLED_MODELS, 'compact'));
const model: Model = { ...compact, spec: { ...compact.spec, text } };
const goldenFile = new URL('../../fixtures/minilm/golden.json', import.meta.url);
const golden: { text: string; ids: number[]; vector: string }[] = JSON.parse(await readFile(goldenFile, 'utf8'));

describe('all-MiniLM-L6-v2 equals sentence-transformers', () => {
  it('in its tokens, exactly', async () => {
    const tokenizer = await loadTokenizer(model);
    for (const row of golden) assert.deepEqual([...tokenizer.encode(row.text).tokens], row.ids, row.text);
  });

  it('in its vectors', async (t) => {
    const encoder = await TextEncoder.load(model, model.spec.text, { provider: 'cpu', device: 0, threads: 2 }, [1]);
    const vectors = await encoder.encode(golden.map(({ ids }) => Int32Array.from(ids)));
    const cosines = golden.map(({ vector }, i) => {
      const expected = new Float32Array(Uint8Array.from(Buffer.from(vector, 'base64')).buffer);
      return cosine(vectors.subarray(i * text.features, (i + 1) * text.features), expected);
    });
    t.diagnostic(`smallest cosine ${Math.min(...cosines)}`);
    assert.ok(Math.min(...cosines) > MIN_COSINE);
  });
});
