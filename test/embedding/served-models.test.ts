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

describe('what aliases mean', () => {
  it('changes for the next request, and not for one that has found its model', async () => {
    const models = await load();
    const found = models.find(undefined);
    models.setAlias('default', { model: 'other@1' });
    assert.equal(found.model.id, 'tiny@1');
    for (const name of [undefined, 'default']) assert.equal(models.find(name).model.id, 'other@1');
    assert.equal(models.defaultModel?.id, 'other@1');
    assert.equal(models.find('tiny').model.id, 'tiny@1', 'a name bypasses aliases');
  });

  it('shares requests with a canary by their fraction, where they name the alias', async () => {
    const models = await load();
    assert.equal(models.hasCanary, false);
    models.setAlias('stable', { model: 'tiny@1', canary: { model: 'other@1', share: 0.25 } });
    const idOf = (name: string, fraction?: number) => models.find(name, { fraction }).model.id;
    assert.equal(models.hasCanary, true);
    assert.deepEqual(
      [0, 0.249, 0.25, 0.99, undefined].map((fraction) => idOf('stable', fraction)),
      ['other@1', 'other@1', 'tiny@1', 'tiny@1', 'tiny@1'],
    );
    assert.equal(idOf('tiny', 0), 'tiny@1');
  });

  it('gives the canary no request that expects the space of the active model alone', async () => {
    const models = await load();
    const tinyModel = models.find('tiny');
    models.add({ ...tinyModel, model: { ...tinyModel.model, id: 'far@1', space: 'elsewhere' } });
    for (const [canary, space, id] of [
      ['far@1', tinyModel.model.space, 'tiny@1'],
      ['far@1', 'elsewhere', 'far@1'],
      ['far@1', undefined, 'far@1'],
      // The same weights under another name have the same space.
      ['other@1', tinyModel.model.space, 'other@1'],
    ] as const) {
      models.setAlias('default', { model: 'tiny@1', canary: { model: canary, share: 0.5 } });
      assert.equal(models.find(undefined, { fraction: 0.1, expectedSpace: space }).model.id, id);
    }
  });

  it('is never a model that is not served, nor another model in place of one that cannot be loaded', async () => {
    const models = await load();
    assert.throws(() => models.setAlias('default', { model: 'gone@1' }), /not served/);
    assert.throws(() => models.remove('tiny@1'), /alias default means tiny@1/);
    models.setUnavailable('default', 'its folder has vanished');
    assert.throws(() => models.find(undefined), { code: 'model_unavailable', message: /its folder has vanished/ });
    assert.equal(models.defaultModel, undefined);
    models.remove('tiny@1');
    assert.throws(() => models.find('tiny'), { code: 'model_not_found' });
    models.setAlias('default', { model: 'other@1' });
    assert.equal(models.find(undefined).model.id, 'other@1');
    models.setAlias('stable', { model: 'other@1' });
    models.removeAlias('stable');
    assert.throws(() => models.find('stable'), { code: 'model_not_found' });
  });
});
