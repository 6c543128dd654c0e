import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import { modelFilePath } from '../../../src/model/model.ts';
import { makeSeededTokenizer } from '../../../src/model-tools/stage3-base/seeded-tokenizer.ts';
import { STAGE3_SIZES } from '../../../src/model-tools/stage3-base/stage3-files.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { makeSmallStage3 } from '../../support/small-stage3.ts';

describe('the seeded tokenizer', () => {
  for (const vocabulary of [STAGE3_SIZES.text.vocabulary, 400, 150]) {
    it(`has exactly ${vocabulary} ids, and adds [CLS] and [SEP]`, () => {
      const json = makeSeededTokenizer(vocabulary) as { model: { vocab: Record<string, number> } };
      const ids = Object.values(json.model.vocab).sort((a, b) => a - b);
      assert.deepEqual(
        ids,
        Array.from({ length: vocabulary }, (_, i) => i),
      );
      const { ids: tokens } = new Tokenizer(json, {}).encode('Hello');
      assert.deepEqual([tokens[0], tokens.at(-1)], [json.model.vocab['[CLS]'], json.model.vocab['[SEP]']]);
    });
  }

  it('knows all ASCII characters, and splits words into few tokens', () => {
    const tokenizer = new Tokenizer(makeSeededTokenizer(STAGE3_SIZES.text.vocabulary), {});
    const text = 'The quick brown fox (aged 7) jumps over "lazy" dogs & cats; why? 100% sure!';
    const { ids } = tokenizer.encode(text);
    assert.ok(!ids.includes(100), `${ids}`);
    assert.ok(ids.length < 45, `${ids.length}`);
  });
});

it('seeded encoders are the same for one seed, and their weights preserve the variance', async () => {
  const [first, second] = [await makeSmallStage3(), await makeSmallStage3()];
  try {
    assert.equal(first.model.space, second.model.space);
    const { tensors } = await readSafetensors(modelFilePath(first.model, 'siglip.safetensors'));
    const weight = tensors.get('vision_model.encoder.layers.1.mlp.fc1.weight')!;
    const values = new Float32Array(weight.bytes.buffer);
    const power = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    assert.ok(Math.abs(power * 48 - 1) < 0.1, `${power}`);
  } finally {
    await Promise.all([first.remove(), second.remove()]);
  }
});
