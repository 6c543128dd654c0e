import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ServedModels } from '../../src/embedding/served-models.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  tiny = await makeTinyModel();
  const other = await makeTinyModel({ name: 'other' });
  await cp(other.folder, path.join(tiny.home, 'models/other'), { recursive: true });
  await other.remove();
});
after(() => tiny.remove());

const load = (...aliases: string[]) => ServedModels.load(['tiny', 'other'], tiny.home, aliases);

describe('aliases of models', () => {
  it('stand for a model, by its name or its name and version', async () => {
    const models = await load('text-embedding-3-small=other', 'openai/ada:002=tiny@1', 'small=other@1');
    for (const [name, id] of [
      ['text-embedding-3-small', 'other@1'],
      ['openai/ada:002', 'tiny@1'],
      ['small', 'other@1'],
      ['other', 'other@1'],
      [undefined, 'tiny@1'],
    ] as const) {
      assert.equal(models.find(name).model.id, id);
    }
    assert.deepEqual(
      models.all.map((model) => models.aliasesOf(model)),
      [['openai/ada:002'], ['text-embedding-3-small', 'small']],
    );
    assert.throws(() => models.find('gpt'), { code: 'model_not_found', message: /there is tiny@1, other@1, text-emb/ });
  });

  const refusals: readonly [problem: string, aliases: string[], message: RegExp][] = [
    ['of a model that is not loaded', ['a=tiny', 'b=nobody'], /PANELVEC_MODEL_ALIASES .*"b=nobody": no model "nobody"/],
    ['of a version that is not loaded', ['a=tiny@2'], /"a=tiny@2": no model "tiny@2"/],
    ['of an alias', ['a=tiny', 'b=a'], /"b=a": no model "a"/],
    ['that is the name of a model', ['other=tiny'], /"other=tiny": a model has this name/],
    ['that is the id of a model', ['other@1=tiny'], /a model has this name/],
    ['that is given twice', ['a=tiny', 'a=other'], /"a=other": the alias is given twice/],
  ];
  for (const [problem, aliases, message] of refusals) {
    it(`are refused for one ${problem}`, () => assert.rejects(load(...aliases), { code: 'config_invalid', message }));
  }
});
