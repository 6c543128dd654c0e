import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readModel, verifyFiles } from '../../src/model/model.ts';
import { runPanelvec } from '../support/run-panelvec.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let source: string;
let definition: Record<string, unknown>;
before(async () => {
  tiny = await makeTinyModel({ name: 'source' });
  source = tiny.folder;
  const { files, ...written } = JSON.parse(await readFile(path.join(source, 'model.json'), 'utf8'));
  definition = written;
});
after(() => tiny.remove());

const run = (...args: string[]) => runPanelvec(['models', ...args], { PANELVEC_HOME: tiny.home });
const write = (name: string, changes: object = {}) =>
  writeFile(path.join(source, 'model.json'), JSON.stringify({ ...definition, name, ...changes }));

describe('panelvec models assemble', () => {
  it('makes a model of encoders and a head, and writes their hashes', async () => {
    await write('whole');
    const { code, stdout, stderr } = await run('assemble', source);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^whole@1: /);
    assert.equal(stderr, '');
    await verifyFiles(await readModel(path.join(tiny.home, 'models/whole')));
  });

  it('makes a model that does not change with the files of the folder', async () => {
    await write('copied');
    await run('assemble', source);
    const head = path.join(source, 'head.safetensors');
    const { ino } = await stat(path.join(tiny.home, 'models/copied/head.safetensors'));
    assert.notEqual(ino, (await stat(head)).ino);
  });

  it('gives a head of the right sizes to encoders alone, so that the model runs', async () => {
    await write('headless');
    await rm(path.join(source, 'head.safetensors'));
    const { stderr } = await run('assemble', source);
    assert.match(stderr, /^head\.safetensors was not there: the head has initial weights/);
    assert.match((await run('verify', 'headless')).stdout, /^headless@1 ok: /);
  });

  it('refuses a folder that lacks an encoder, or whose model.json is none, and leaves nothing behind', async () => {
    await rm(path.join(source, 'text.onnx'));
    await write('partial');
    const missing = await run('assemble', source);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /text\.onnx is missing, which model\.json names/);
    await write('partial', { dimensions: 'many' });
    assert.match((await run('assemble', source)).stderr, /model\.json: dimensions: /);
    await write('whole');
    assert.match((await run('assemble', source)).stderr, /there is a model "whole" already/);
    assert.deepEqual((await readdir(path.join(tiny.home, 'models'))).sort(), ['copied', 'headless', 'source', 'whole']);
  });
});
