import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { describe, it } from 'node:test';
import { chooseLeaving, defaultModelsMemoryBytes, estimateBytes } from '../../src/inference/model-memory.ts';
import { readModel } from '../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../src/model/model-folders.ts';

const MIB = 2 ** 20;
const memory = (id: string, mebibytes: number) => ({ id, bytes: mebibytes * MIB });

describe('the memory of models', () => {
  it('makes as few models leave as needed, the first ones first', () => {
    const choose = (bytes: number) =>
      chooseLeaving(memory('new', 100), [memory('pinned', 100)], [memory('a', 50), memory('b', 50)], bytes * MIB);
    assert.deepEqual(choose(300), []);
    assert.deepEqual(choose(299), ['a']);
    assert.deepEqual(choose(200), ['a', 'b']);
  });

  it('refuses what does not fit beside the models that stay, and names them', () => {
    assert.throws(() => chooseLeaving(memory('new', 100), [memory('pinned', 100)], [memory('a', 50)], 199 * MIB), {
      code: 'model_too_large',
      message:
        'model new needs about 100 MiB; PANELVEC_MODELS_MEMORY_BYTES allows 199 MiB for all models, and these stay: pinned 100 MiB',
    });
  });

  it('lets a model that is alone exceed the bound', () => {
    assert.deepEqual(chooseLeaving(memory('new', 100), [], [memory('a', 50)], 10 * MIB), ['a']);
  });

  it('is estimated from the weights as they are computed with, for each engine', async () => {
    const compact = await readModel(`${BUNDLED_MODELS}/compact`);
    const bytes = await estimateBytes(compact, 1);
    // Measured: 291 MiB after the load, 307 MiB at work.
    assert.ok(bytes > 300 * MIB && bytes < 400 * MIB, `${bytes / MIB} MiB`);
    assert.equal(await estimateBytes(compact, 2), 2 * bytes);
  });

  it('may take half of the machine at most', () => {
    assert.ok(defaultModelsMemoryBytes() > 0 && defaultModelsMemoryBytes() <= totalmem() / 2);
  });
});
