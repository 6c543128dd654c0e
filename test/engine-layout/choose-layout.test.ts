import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { chooseLayout } from '../../src/engine-layout/choose-layout.ts';
import { LayoutFile } from '../../src/engine-layout/layout-file.ts';
import { describeMachine, type Machine, maxEnginesFor } from '../../src/engine-layout/machine.ts';
import { estimateBytes } from '../../src/inference/model-memory.ts';
import { type Model, readModel } from '../../src/model/model.ts';
import { silentLogger } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let model: Model;
let machine: Machine;
const measured = { engines: 3, threads: 5, decodeThreads: 2 };

const config = (environment = {}) =>
  readConfig({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny', PANELVEC_PROVIDER: 'cpu', ...environment });
const choose = (environment = {}) => chooseLayout(config(environment), silentLogger);
const layoutFile = () => path.join(tiny.home, 'layout.json');

before(async () => {
  tiny = await makeTinyModel();
  model = await readModel(tiny.folder);
  machine = describeMachine(config(), model);
});
beforeEach(() => new LayoutFile(tiny.home).save(machine, measured, 100));
after(() => tiny.remove());

describe('the layout of a service', () => {
  it('is the one that was measured for its model on this machine', async () => {
    assert.deepEqual(await choose(), { ...measured, source: 'measured' });
  });

  it('is that of its settings, of which decoders alone say nothing about engines', async () => {
    const fixed = await choose({ PANELVEC_THREADS: '1', PANELVEC_ENGINES: 'auto' });
    assert.deepEqual([fixed.engines, fixed.threads, fixed.source], [1, 1, 'settings']);
    const engines = await choose({ PANELVEC_ENGINES: '2' });
    assert.deepEqual([engines.engines, engines.source], [2, 'settings']);
    assert.deepEqual(await choose({ PANELVEC_DECODE_THREADS: '4' }), {
      ...measured,
      decodeThreads: 4,
      source: 'measured',
    });
  });

  for (const [change, value] of Object.entries({
    cpu: 'another',
    cores: 99,
    space: 'other',
    onnxruntime: '0',
    provider: 'auto',
  })) {
    it(`is not one that was measured with another ${change}`, async () => {
      await writeFile(layoutFile(), '{"layouts":[]}');
      await new LayoutFile(tiny.home).save({ ...machine, [change]: value }, measured, 100);
      assert.equal((await choose()).source, 'rule');
    });
  }

  for (const text of ['', '{', '[]', '{"layouts":[{"layout":{"engines":0}}]}', '{"layouts":[{}]}']) {
    it(`is a rule of thumb where the file holds ${text || 'nothing'}, which a measurement replaces`, async () => {
      await writeFile(layoutFile(), text);
      assert.equal((await choose()).source, 'rule');
      await new LayoutFile(tiny.home).save(machine, measured, 100);
      assert.equal((await choose()).source, 'measured');
    });
  }

  it('is a rule of thumb where the file is a folder', async () => {
    const home = path.join(tiny.home, 'other');
    await mkdir(path.join(home, 'layout.json'), { recursive: true });
    const layout = await choose({ PANELVEC_HOME: home, PANELVEC_MODELS: tiny.folder });
    assert.equal(layout.source, 'rule');
  });

  it('has no more engines than take a quarter of the memory for models, and one on a GPU', async () => {
    const bytes = await estimateBytes(model, 1);
    const maxEngines = (share: number, provider = 'cpu') =>
      maxEnginesFor(
        model,
        config({ PANELVEC_PROVIDER: provider, PANELVEC_MODELS_MEMORY_BYTES: String(Math.ceil(share * bytes)) }),
      );
    assert.deepEqual([await maxEngines(0.1), await maxEngines(7.9), await maxEngines(8)], [1, 1, 2]);
    assert.equal(await maxEngines(8, 'cuda'), 1);
  });

  it('is kept beside those of other machines that share the home', async () => {
    await new LayoutFile(tiny.home).save({ ...machine, cores: 64 }, { ...measured, engines: 4 }, 900);
    const { layouts } = JSON.parse(await readFile(layoutFile(), 'utf8'));
    assert.equal(layouts.length, 2);
    assert.deepEqual(await choose(), { ...measured, source: 'measured' });
  });
});
