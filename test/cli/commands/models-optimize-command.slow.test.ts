import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hashFile, modelFilePath, readModel } from '../../../src/model/model.ts';
import { homeModelsFolder } from '../../../src/model/model-folders.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import { drawPngPanel } from '../../support/images.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { makeSmallStage3 } from '../../support/small-stage3.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

let small: Awaited<ReturnType<typeof makeSmallStage3>>;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  [small, tiny] = await Promise.all([makeSmallStage3(), makeTinyModel()]);
});
after(() => Promise.all([small.remove(), tiny.remove()]));

const run = (...args: string[]) =>
  runPanelvec(['models', 'optimize', ...args], { PANELVEC_HOME: small.home }, small.home);
const listModelNames = async () => (await readdir(homeModelsFolder(small.home))).sort();

describe('panelvec models optimize', () => {
  it('adds an int8 model, prints the cosines to the original, and the new model can be verified', async () => {
    await writeFile(path.join(small.home, '1.png'), await drawPngPanel(1));
    const outcome = await run('stage3-base', '--precision', 'int8', '--images', '1.png');
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /^vision: cosine to fp32 0\.99\d+ on average, 0\.9\d+ at least, of 1$/m);
    assert.match(outcome.stdout, /^text: cosine to fp32 0\.99\d+ on average, 0\.9\d+ at least, of 8$/m);
    assert.match(outcome.stdout, /^fused: cosine to fp32 0\.99\d+ on average, 0\.9\d+ at least, of 1$/m);
    const again = await run('stage3-base-int8', '--precision', 'fp16', '--name', 'twice');
    assert.match(again.stderr, /stage3-base-int8 is int8 already: begin with the fp32 model/);
    const { spec, space } = await readModel(path.join(homeModelsFolder(small.home), 'stage3-base-int8'));
    assert.deepEqual(
      [...spec.vision.backbones, spec.text].map(({ encoder }) =>
        [encoder.kind, 'precision' in encoder && encoder.precision].join(' '),
      ),
      ['siglip int8', 'onnx int8', 'bert int8'],
    );
    assert.notEqual(space, small.model.space);
    const verified = await runPanelvec(['models', 'verify', 'stage3-base-int8'], { PANELVEC_HOME: small.home });
    assert.match(verified.stdout, /^stage3-base-int8@1 ok/, verified.stderr);
    await rm(path.join(homeModelsFolder(small.home), 'stage3-base-int8'), { recursive: true });
  });

  it('adds no model if the vectors change too much', async () => {
    // A weight far larger than the rest of its column takes all of the eight bits, and multiplies nothing but zeros.
    const file = modelFilePath(small.model, 'minilm.safetensors');
    const { tensors } = await readSafetensors(file);
    const original = await readFile(file);
    for (const [key, { bytes }] of tensors) {
      const values = new Float32Array(bytes.buffer);
      if (/LayerNorm\.(weight|bias)$/.test(key)) values[0] = 0;
      if (/(query|key|value|intermediate\.dense)\.weight$/.test(key)) {
        for (let i = 0; i < values.length; i += 36) values[i] = 1e4;
      }
    }
    await writeSafetensors(file, tensors);
    const json = path.join(small.model.folder, 'model.json');
    const originalSpec = await readFile(json, 'utf8');
    const spec = JSON.parse(originalSpec);
    spec.files['minilm.safetensors'] = { bytes: (await stat(file)).size, sha256: await hashFile(file) };
    await writeFile(json, JSON.stringify(spec));

    const outcome = await run('stage3-base', '--precision', 'int8');
    assert.equal(outcome.code, 1, outcome.stdout);
    assert.match(
      outcome.stderr,
      /^panelvec: int8 changes the vectors too much \(text: cosine to fp32 0\.\d+ on average/,
    );
    assert.deepEqual(await listModelNames(), ['stage3-base']);
    await writeFile(file, original);
    await writeFile(json, originalSpec);
  });

  it('also compares texts for a model without a tokenizer', async () => {
    const exported = path.join(small.home, 'export.safetensors');
    await runPanelvec(['models', 'export', 'stage3-base', '--out', exported], { PANELVEC_HOME: small.home });
    await runPanelvec(['models', 'import', exported, '--name', 'wordless'], { PANELVEC_HOME: small.home });
    const outcome = await run('wordless', '--precision', 'int8');
    assert.match(outcome.stdout, /^text: cosine to fp32 0\.99/m, outcome.stderr);
    for (const name of ['wordless', 'wordless-int8']) {
      await rm(path.join(homeModelsFolder(small.home), name), { recursive: true });
    }
  });

  it('refuses fp16 for a model of ONNX files, and adds no model', async () => {
    const command = ['models', 'optimize', tiny.name, '--precision', 'fp16'];
    const outcome = await runPanelvec(command, { PANELVEC_HOME: tiny.home });
    assert.deepEqual([outcome.code, outcome.stdout], [1, '']);
    assert.match(outcome.stderr, /^panelvec: tiny: the encoder \S+\.onnx is an ONNX file/);
    assert.deepEqual(await readdir(homeModelsFolder(tiny.home)), [tiny.name]);
  });

  it('refuses a calibration with too few pictures, and adds no model', async () => {
    const folder = path.join(small.home, 'few');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, '1.png'), await drawPngPanel(1));
    const outcome = await run('stage3-base', '--precision', 'auto', '--calibration', 'few');
    assert.equal(outcome.code, 1, outcome.stdout);
    assert.match(outcome.stderr, /few has 1 pictures of panels that can be read, in 1 pages; a calibration needs 16/);
    assert.deepEqual(await listModelNames(), ['stage3-base']);
  });

  const refusals: readonly [string, string[], number, RegExp][] = [
    ['an unknown precision', ['stage3-base', '--precision', 'int4'], 2, /Allowed choices are int8, fp16, auto/],
    ['no precision', ['stage3-base'], 2, /--precision/],
    ['a missing image', ['stage3-base', '--precision', 'int8', '--images', 'no.png'], 1, /no\.png/],
    ['a name that is taken', ['stage3-base', '--precision', 'int8', '--name', 'stage3-base'], 1, /already/],
    ['an unknown model', ['nobody', '--precision', 'int8'], 1, /there is no model "nobody"/],
  ];
  for (const [name, args, code, message] of refusals) {
    it(`refuses ${name}, and adds no model`, async () => {
      const outcome = await run(...args);
      assert.deepEqual([outcome.code, outcome.stdout], [code, ''], outcome.stderr);
      assert.match(outcome.stderr, message);
      assert.deepEqual(await listModelNames(), ['stage3-base']);
    });
  }
});
