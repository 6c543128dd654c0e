import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { ModelRuntime } from '../../../src/inference/engine/model-runtime.ts';
import { readModel } from '../../../src/model/model.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

it('refuses an encoder whose output has another shape than model.json says', async () => {
  const tinyModel = await makeTinyModel();
  try {
    const file = path.join(tinyModel.folder, 'model.json');
    const spec = JSON.parse(await readFile(file, 'utf8'));
    spec.vision.backbones[0].features = 6;
    await writeFile(file, JSON.stringify(spec));
    const load = ModelRuntime.load(await readModel(tinyModel.folder), { provider: 'cpu', device: 0, threads: 1 }, 2);
    await assert.rejects(load, {
      code: 'model_invalid',
      message: /"features" has the shape \(1,12\), model\.json says \(1,6\)/,
    });
  } finally {
    await tinyModel.remove();
  }
});
