import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { importModel } from '../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { CHECKPOINT_FOLDER } from '../support/reference-cases.ts';
import { assertRefused, homePath, modelsFolder, writeHomeFile } from './pytorch-checkpoint/refused-imports.ts';

describe('an import', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz .,!?'];
  const unigram = (size: number, fields: object = {}, model: object = {}) => ({
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...fields,
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: Array.from({ length: size }, (_, i) => [i === 0 ? '<unk>' : (letters[i - 1] ?? `token${i}`), -3]),
      ...model,
    },
  });
  const wordPiece = (vocab: unknown) => ({
    ...unigram(1),
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  });
  const addedTokens = (id: unknown) => ({ added_tokens: [{ id, content: '[X]', special: true }] });

  it('accepts a tokenizer with all ids of the vocabulary', async () => {
    const tokenizer = await writeHomeFile('tokenizer.json', JSON.stringify(unigram(200)));
    const model = await importModel(modelsFolder, path.join(CHECKPOINT_FOLDER, 'weights.safetensors'), {
      name: 'fits',
      tokenizer,
    });
    assert.equal(model.spec.text.tokenizer, 'tokenizer.json');
    await rm(model.folder, { recursive: true });
  });

  const cases: readonly [string, unknown, RegExp][] = [
    ['that is not JSON', 'these are words', /tokenizer\.json is not a tokenizer/],
    ['that is empty', '', /tokenizer\.json is empty/],
    ['that is null', 'null', /is not a tokenizer/],
    ['that is a list', [], /is not a tokenizer/],
    ['that is other JSON', { model: 'gpt' }, /is not a tokenizer/],
    ['of an unknown kind', unigram(40, {}, { type: 'Magic', vocab: undefined }), /is not a tokenizer/],
    ['of one token too many', unigram(201), /has token ids up to 200, the text encoder knows 200 tokens/],
    ['of one id too large', wordPiece({ '[UNK]': 0, a: 1, b: 200 }), /has token ids up to 200/],
    ['of an added id too large', unigram(40, addedTokens(30_522)), /has token ids up to 30522/],
    ['of an unknown word beyond the vocabulary', unigram(40, {}, { unk_id: 500 }), /./],
    ['of negative ids', wordPiece({ '[UNK]': 0, a: -7 }), /./],
    ['of fractional ids', wordPiece({ '[UNK]': 0, a: 1.5 }), /./],
    ['of ids that are strings', wordPiece({ '[UNK]': 0, a: 'x' }), /./],
    ['of added ids that are null', unigram(40, { added_tokens: null }), /is not a tokenizer/],
  ];
  for (const [what, json, message] of cases) {
    it(`refuses a tokenizer ${what}`, async () => {
      const tokenizer = await writeHomeFile('tokenizer.json', typeof json === 'string' ? json : JSON.stringify(json));
      await assertRefused(path.join(CHECKPOINT_FOLDER, 'weights.safetensors'), message, { tokenizer }, 'model_invalid');
    });
  }

  it('refuses a missing tokenizer, and a folder', async () => {
    for (const tokenizer of [homePath('nowhere.json'), modelsFolder]) {
      await assertRefused(
        path.join(CHECKPOINT_FOLDER, 'weights.safetensors'),
        /cannot read the tokenizer/,
        { tokenizer },
        'model_invalid',
      );
    }
  });
});
