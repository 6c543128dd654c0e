import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunningService } from '../../../src/http/server.ts';
import { type Model, modelFilePath, readModel } from '../../../src/model/model.ts';
import { findModel, homeModelsFolder, modelRoots } from '../../../src/model/model-folders.ts';
import type { BackboneSpec } from '../../../src/model/model-spec.ts';
import { exportModel } from '../../../src/model-tools/pytorch-checkpoint/export-model.ts';
import { type ImportOptions, importModel } from '../../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { STAGE3_FILES } from '../../../src/model-tools/stage3-base/stage3-files.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import { drawPngPanel, toDataUri } from '../../support/images.ts';
import { startService } from '../../support/in-process-service.ts';
import { CHECKPOINT_FOLDER, REFERENCE_FOLDER, readReferenceConfig } from '../../support/reference-cases.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { makeSmallStage3 } from '../../support/small-stage3.ts';
import { postJson } from '../../support/strict-service.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const CASE = path.join(REFERENCE_FOLDER, 'both-attention');
const { sizes } = await readReferenceConfig('both-attention');
const HEADS = { siglipHeads: sizes.siglip.heads, textHeads: sizes.bert.heads };

let home: string;
let modelsFolder: string;
let count = 0;
before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  modelsFolder = homeModelsFolder(home);
});
after(() => rm(home, { recursive: true }));

const importOne = (file: string, options: Partial<ImportOptions> = {}) =>
  importModel(modelsFolder, file, { name: `model-${count++}`, ...options });
async function exportToFile(model: Model): Promise<string> {
  const file = path.join(home, `exported-${count++}.safetensors`);
  assert.equal(await exportModel(model, file), (await readSafetensors(file)).tensors.size);
  return file;
}
/** The definition of a model without its name and description. */
const definitionOf = ({ spec: { name: _, description: __, files: ___, ...rest } }: Model) => rest;

async function assertSameWeights(file: string, other: string): Promise<void> {
  const [{ tensors }, { tensors: others }] = await Promise.all([readSafetensors(file), readSafetensors(other)]);
  assert.deepEqual([...others.keys()].sort(), [...tensors.keys()].sort());
  for (const [key, { dtype, shape, bytes }] of tensors) {
    const actual = others.get(key)!;
    assert.deepEqual([actual.dtype, actual.shape], [dtype, shape], key);
    assert.ok(Buffer.from(bytes).equals(Buffer.from(actual.bytes)), key);
  }
}

describe('a reference checkpoint', () => {
  it('is the same model in all file formats', async () => {
    const model = await importOne(path.join(CASE, 'weights.safetensors'));
    for (const file of ['best_model.pt', 'checkpoint_vlm_epoch_3.pt']) {
      const other = await importOne(path.join(CASE, file), HEADS);
      assert.deepEqual([other.space, definitionOf(other)], [model.space, definitionOf(model)], file);
      assert.ok((await readWeights(other)).equals(await readWeights(model)), file);
    }
  });

  it('keeps every bit of its weights: imported, exported, imported', async () => {
    const model = await importOne(path.join(CASE, 'weights.safetensors'));
    const file = await exportToFile(model);
    const reimported = await importOne(file);
    for (const other of [
      modelFilePath(model, 'weights.safetensors'),
      file,
      modelFilePath(reimported, 'weights.safetensors'),
    ]) {
      await assertSameWeights(path.join(CASE, 'weights.safetensors'), other);
    }
    assert.deepEqual(definitionOf(reimported), definitionOf(model));
  });

  for (const name of ['both-attention', 'both-gate', 'no-indicators', 'siglip', 'resnet']) {
    it(`${name}: keeps its fingerprint`, async () => {
      const model = await importOne(path.join(REFERENCE_FOLDER, name, 'weights.safetensors'));
      const reimported = await importOne(await exportToFile(model));
      assert.deepEqual(definitionOf(reimported), definitionOf(model));
      assert.equal(reimported.space, model.space);
      assert.ok((await readWeights(reimported)).equals(await readWeights(model)));
    });
  }

  it('has a fingerprint that does not depend on the order of its keys', async () => {
    const { tensors, metadata } = await readSafetensors(path.join(CASE, 'weights.safetensors'));
    const file = path.join(home, 'turned.safetensors');
    await writeSafetensors(file, new Map([...tensors].toReversed()), metadata);
    const [model, reversed] = [await importOne(path.join(CASE, 'weights.safetensors')), await importOne(file)];
    assert.equal(reversed.space, model.space);
  });

  it('keeps the properties that its keys do not tell', async () => {
    const options = { fusionMode: 'present', maxTokens: 10, siglipHeads: 2, textHeads: 8 } as const;
    const model = await importOne(path.join(CHECKPOINT_FOLDER, 'best_model.pt'), options);
    const reimported = await importOne(await exportToFile(model));
    assert.deepEqual(definitionOf(reimported), definitionOf(model));
    const { vision, text, head } = reimported.spec;
    const heads = [vision.backbones[0]!.encoder, text.encoder].map((encoder) => 'heads' in encoder && encoder.heads);
    assert.deepEqual([head.fusion_mode, text.max_tokens, ...heads], ['present', 10, 2, 8]);
  });

  it('keeps the transforms of its features', async () => {
    const model = await importOne(path.join(CHECKPOINT_FOLDER, 'best_model.pt'), HEADS);
    const { spec } = model;
    const head = { ...spec.head, vision_transform: 'signed_sqrt', text_transform: 'unit_length' } as const;
    const reimported = await importOne(await exportToFile({ ...model, spec: { ...spec, head } }));
    assert.deepEqual(reimported.spec.head, head);
  });

  it('keeps its image size without SigLIP', async () => {
    const model = await importOne(path.join(REFERENCE_FOLDER, 'resnet/weights.safetensors'), { imageSize: 48 });
    const reimported = await importOne(await exportToFile(model));
    assert.deepEqual([model.spec.vision.image_size, reimported.spec.vision.image_size], [48, 48]);
  });

  it('keeps its grid views', async () => {
    const model = await importOne(path.join(REFERENCE_FOLDER, 'resnet/weights.safetensors'));
    const vision = { ...model.spec.vision, grid_views: 5 } as const;
    const reimported = await importOne(await exportToFile({ ...model, spec: { ...model.spec, vision } }));
    assert.deepEqual([model.spec.vision.grid_views, reimported.spec.vision.grid_views], [1, 5]);
  });

  it('keeps which layers of its text encoder are pooled', async () => {
    const model = await importOne(path.join(CHECKPOINT_FOLDER, 'best_model.pt'), HEADS);
    const { text } = model.spec;
    assert.ok(text.encoder.kind === 'bert');
    const encoder = { ...text.encoder, pooled_layers: [1] };
    const spec = { ...model.spec, text: { ...text, encoder } };
    const reimported = await importOne(await exportToFile({ ...model, spec }));
    assert.deepEqual(reimported.spec.text.encoder, encoder);
  });

  it('is refused with an encoder that the original does not have', async () => {
    const model = await importOne(path.join(REFERENCE_FOLDER, 'resnet/weights.safetensors'));
    const [resnet] = model.spec.vision.backbones;
    const encoder = { ...resnet!.encoder, kind: 'efficientnet_lite' } as BackboneSpec['encoder'];
    const vision = { ...model.spec.vision, backbones: [{ ...resnet!, name: 'efficientnet_lite', encoder }] };
    const exported = exportToFile({ ...model, spec: { ...model.spec, vision } });
    await assert.rejects(exported, /has SigLIP or ResNet, not EfficientNet-Lite/);
  });

  it('has hints that import options override', async () => {
    const file = await exportToFile(
      await importOne(path.join(CASE, 'best_model.pt'), { ...HEADS, fusionMode: 'present', maxTokens: 10 }),
    );
    const { head, text } = (await importOne(file, { fusionMode: 'reference', maxTokens: 12 })).spec;
    assert.deepEqual([head.fusion_mode, text.max_tokens], ['reference', 12]);
  });

  it('can be imported and exported on the command line', async () => {
    const out = path.join(home, 'out.safetensors');
    const run = (...args: string[]) => runPanelvec(['models', ...args], { PANELVEC_HOME: home });
    const heads = ['--siglip-heads', String(HEADS.siglipHeads), '--text-heads', String(HEADS.textHeads)];
    const flags = [...heads, '--name', 'by-hand'];
    for (const args of [
      ['import', path.join(CASE, 'best_model.pt'), ...flags],
      ['export', 'by-hand', '--out', out],
      ['import', out, '--name', 'by-hand-again'],
    ]) {
      const outcome = await run(...args);
      assert.equal(outcome.code, 0, outcome.stderr);
    }
    const [model, reimported] = await Promise.all(
      ['by-hand', 'by-hand-again'].map((name) => readModel(path.join(modelsFolder, name))),
    );
    assert.deepEqual(definitionOf(reimported!), definitionOf(model!));
    await assertSameWeights(out, modelFilePath(model!, 'weights.safetensors'));
  });
});

const readWeights = (model: Model) => readFile(modelFilePath(model, 'weights.safetensors'));

describe('stage3-base in miniature', () => {
  let small: Awaited<ReturnType<typeof makeSmallStage3>>;
  let reimported: Model;
  let service: RunningService;
  before(async () => {
    small = await makeSmallStage3();
    const file = await exportToFile(small.model);
    const tokenizer = modelFilePath(small.model, STAGE3_FILES.tokenizer);
    reimported = await importModel(homeModelsFolder(small.home), file, { name: 'again', tokenizer });
    service = await startService({ PANELVEC_HOME: small.home, PANELVEC_MODELS: 'stage3-base,again' });
  });
  after(async () => {
    await service.close();
    await small.remove();
  });

  it('keeps its definition', () => {
    const { vision, text, head, dimensions } = small.model.spec;
    const withoutEncoders = (backbones: typeof vision.backbones) => backbones.map(({ encoder: _, ...rest }) => rest);
    assert.deepEqual(withoutEncoders(reimported.spec.vision.backbones), withoutEncoders(vision.backbones));
    assert.notDeepEqual(vision.backbones[0]!.mean, vision.backbones[1]!.mean);
    assert.deepEqual({ ...reimported.spec.head, weights: head.weights }, head);
    assert.deepEqual([reimported.spec.dimensions, reimported.spec.vision.image_size], [dimensions, vision.image_size]);
    assert.deepEqual({ ...reimported.spec.text, encoder: text.encoder }, text);
  });

  it('keeps every bit of its vectors', async () => {
    const composition = [0.7, 0.2, 0.5, 0.1, 0.4, 0.3, 0.6];
    const image = async (number: number) => toDataUri(await drawPngPanel(number));
    const input = [
      { image: await image(1), text: 'Stop! Who goes there?', composition },
      { image: await image(2), text: 'a' },
      { image: await image(3) },
      { text: 'It was a dark and stormy night; the rain fell in torrents. '.repeat(5) },
      { composition },
      { text: 'never', composition },
    ];
    for (const output of ['fused', 'vision', 'text', 'composition']) {
      const panels = input.filter((panel) => output === 'fused' || (output === 'vision' ? 'image' : output) in panel);
      const [one, other] = await Promise.all(
        ['stage3-base', 'again'].map((model) =>
          postJson(service.address, '/panel', { model, input: panels, outputs: [output] }),
        ),
      );
      assert.equal(one!.status, 200, one!.text);
      assert.equal(one!.body.data.length, panels.length);
      assert.deepEqual(other!.body.data, one!.body.data, output);
      assert.deepEqual(other!.body.usage, one!.body.usage);
    }
  });

  it('keeps its fingerprint in a second round trip', async () => {
    const tokenizer = modelFilePath(small.model, STAGE3_FILES.tokenizer);
    assert.equal((await importOne(await exportToFile(reimported), { tokenizer })).space, reimported.space);
  });

  it('keeps its precision, or is refused', async () => {
    const folder = path.join(home, 'narrow');
    await cp(small.model.folder, folder, { recursive: true });
    const spec = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
    for (const part of [spec.vision.backbones[0], spec.text]) part.encoder.precision = 'int8';
    await writeFile(path.join(folder, 'model.json'), JSON.stringify(spec));
    const file = await exportToFile(await readModel(folder)).catch((error: { code?: string }) => {
      assert.equal(error.code, 'model_invalid', String(error));
      return undefined;
    });
    if (file === undefined) return;
    const { vision, text } = (await importOne(file)).spec;
    const precisions = [...vision.backbones, text].map(({ encoder }) => 'precision' in encoder && encoder.precision);
    assert.deepEqual(precisions, ['int8', 'fp32', 'int8']);
  });

  it('is not exported if one of its files is damaged', async () => {
    const folder = path.join(home, 'damaged');
    await cp(small.model.folder, folder, { recursive: true });
    await truncate(path.join(folder, STAGE3_FILES.text), 1000);
    const out = path.join(home, 'damaged.safetensors');
    await assert.rejects(exportModel(await readModel(folder), out), {
      code: 'model_invalid',
      message: /minilm\.safetensors has 1000 bytes/,
    });
    assert.equal(existsSync(out), false);
  });
});

describe('an export', () => {
  const tiny = makeTinyModel();
  after(async () => (await tiny).remove());
  const refusals = [
    ['compact', 'integers', /compact@\d+: the encoder efficientnet\.int8\.onnx is an ONNX file/],
    ['tiny', 'ONNX files', /tiny@\d+: the encoder \S+\.onnx is an ONNX file/],
  ] as const;
  for (const [name, encoders, message] of refusals) {
    it(`is refused for a model of ${encoders}`, async () => {
      const tinyHome = (await tiny).home;
      const out = path.join(home, `refused-${name}.safetensors`);
      const model = await findModel(name, modelRoots(tinyHome));
      await assert.rejects(exportModel(model, out), { code: 'model_invalid', message });
      const outcome = await runPanelvec(['models', 'export', name, '--out', out], { PANELVEC_HOME: tinyHome });
      assert.deepEqual([outcome.code, outcome.stdout], [1, '']);
      assert.match(outcome.stderr, message);
      assert.match(outcome.stderr, /^panelvec: [^\n]+\n$/);
      assert.deepEqual(
        (await readdir(home)).filter((file) => file.startsWith('refused')),
        [],
      );
    });
  }

  it('is refused to another kind of file, and for a missing model', async () => {
    const run = (...args: string[]) => runPanelvec(['models', 'export', ...args], { PANELVEC_HOME: home });
    const nobody = await run('nobody', '--out', path.join(home, 'x.safetensors'));
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^panelvec: there is no model "nobody"[^\n]+\n$/);
    const other = await run('compact', '--out', path.join(home, 'x.pt'));
    assert.equal(other.code, 2);
    assert.match(other.stderr, /^panelvec: [^\n]*exports are safetensors files\n$/);
    assert.deepEqual(
      (await readdir(home)).filter((name) => name.startsWith('x')),
      [],
    );
  });
});
