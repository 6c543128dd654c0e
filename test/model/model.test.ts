import assert from 'node:assert/strict';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readModel, verifyFiles } from '../../src/model/model.ts';
import { BUNDLED_MODELS, findModel, listModelNames, modelRoots } from '../../src/model/model-folders.ts';
import type { ModelSpec } from '../../src/model/model-spec.ts';
import type { ZeroShotSpec, ZeroShotTextSpec } from '../../src/model/zero-shot-spec.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
beforeEach(async () => {
  tiny = await makeTinyModel();
});
afterEach(() => tiny.remove());

/** Rewrites model.json. */
async function edit(change: (spec: ModelSpec & Record<string, unknown>) => void): Promise<void> {
  const file = path.join(tiny.folder, 'model.json');
  const spec = JSON.parse(await readFile(file, 'utf8'));
  change(spec);
  await writeFile(file, JSON.stringify(spec));
}

function labelEncoder({ vision, head }: ModelSpec, fields: Partial<ZeroShotTextSpec> = {}): ZeroShotSpec {
  const encoder = {
    kind: 'siglip_text',
    weights: head.weights,
    prefix: '',
    precision: 'fp32',
    heads: 2,
    pad_token: 1,
  } as const;
  const { name: backbone, features } = vision.backbones[0]!;
  const text = { backbone, encoder, features, tokenizer: 'tokenizer.json', max_tokens: 16, ...fields };
  return { kind: 'sigmoid', temperature: 0.01, bias: -12, text };
}

describe('a model folder', () => {
  it('is found by name and by path, and listed', async () => {
    const roots = modelRoots(tiny.home);
    assert.equal((await findModel('tiny', roots)).id, 'tiny@1');
    assert.equal((await findModel(tiny.folder, [])).id, 'tiny@1');
    assert.deepEqual(await listModelNames(roots), ['compact', 'tiny']);
    await assert.rejects(findModel('nobody', roots), { code: 'model_invalid', message: /there is no model "nobody"/ });
  });

  it('is valid if size and hash of its files are those of model.json', async () => {
    await verifyFiles(await readModel(tiny.folder));
  });

  it('is refused if a file is changed, longer or missing', async () => {
    const file = path.join(tiny.folder, 'text.onnx');
    const bytes = await readFile(file);
    bytes[40]! ^= 1;
    await writeFile(file, bytes);
    await assert.rejects(verifyFiles(await readModel(tiny.folder)), /text\.onnx has the SHA-256/);
    await appendFile(file, 'x');
    await assert.rejects(verifyFiles(await readModel(tiny.folder)), /text\.onnx has \d+ bytes, model\.json says/);
    await rm(file);
    await assert.rejects(verifyFiles(await readModel(tiny.folder)), /text\.onnx is missing/);
  });

  const bad: readonly [string, (spec: ModelSpec & Record<string, unknown>) => void, RegExp][] = [
    ['an unknown field', (spec) => (spec['colour'] = 'red'), /colour/],
    [
      'a file outside of the folder',
      (spec) => (spec.head.weights = '../other'),
      /head\.weights: must be a plain file name/,
    ],
    ['a file that is not listed', (spec) => delete spec.files['text.onnx'], /"text\.onnx" is not listed/],
    [
      'a fusion that does not fit its backbones',
      (spec) => (spec.head.visual_fusion = 'attention'),
      /"attention" does not go with 1 backbone/,
    ],
    [
      'a deviation of zero',
      (spec) => (spec.vision.backbones[0]!.std = [1, 0, 1]),
      /vision\.backbones\.0\.std: must not be zero/,
    ],
    [
      'a temperature of zero',
      (spec) => (spec.zero_shot = { kind: 'softmax', temperature: 0, bias: 0 }),
      /zero_shot\.temperature/,
    ],
    [
      'a temperature by which cosines become infinite',
      (spec) => (spec.zero_shot = { kind: 'softmax', temperature: 1e-320, bias: 0 }),
      /zero_shot\.temperature/,
    ],
    [
      'a bias that swallows the cosines',
      (spec) => (spec.zero_shot = { kind: 'sigmoid', temperature: 0.01, bias: 1e300 }),
      /zero_shot\.bias/,
    ],
    [
      'a text encoder for labels without its backbone',
      (spec) => (spec.zero_shot = labelEncoder(spec, { backbone: 'other' })),
      /zero_shot\.text\.backbone: there is no backbone "other"/,
    ],
    [
      'one whose features do not compare with those of its backbone',
      (spec) => (spec.zero_shot = labelEncoder(spec, { features: 13 })),
      /zero_shot\.text\.features: 13 numbers do not compare with the 12 of "only"/,
    ],
    [
      'one whose files are not listed',
      (spec) => (spec.zero_shot = labelEncoder(spec, { tokenizer: 'other.json' })),
      /"other\.json" is not listed/,
    ],
    ['another format', (spec) => ((spec as Record<string, unknown>)['format'] = 2), /format/],
  ];
  for (const [what, change, message] of bad) {
    it(`is refused for ${what}, and the error names the field`, async () => {
      await edit(change);
      await assert.rejects(readModel(tiny.folder), { code: 'model_invalid', message });
    });
  }

  it('is refused without a readable model.json, and the error names its path', async () => {
    await writeFile(path.join(tiny.folder, 'model.json'), '{');
    await assert.rejects(readModel(tiny.folder), /cannot read .*model\.json/);
  });
});

describe('the space fingerprint', () => {
  it('is the one that the documentation shows for the compact model: who changes it on purpose changes both', async () => {
    const { space } = await readModel(path.join(BUNDLED_MODELS, 'compact'));
    for (const file of ['README.md', 'docs/api.md']) {
      const text = await readFile(path.join(BUNDLED_MODELS, '..', file), 'utf8');
      assert.deepEqual([...new Set(text.match(/(?<="space": ?")[0-9a-f]{16}/g))], [space], file);
    }
  });

  it('does not change with names, descriptions and the scoring of labels', async () => {
    const { space } = await readModel(tiny.folder);
    const withOwnFile = (spec: ModelSpec) => labelEncoder(spec, { tokenizer: 'labels.json' });
    for (const toZeroShot of [() => ({ temperature: 0.02 }), withOwnFile]) {
      const others = { name: 'other', version: 9, description: 'new' };
      await edit((spec) => {
        Object.assign(spec, others, { zero_shot: toZeroShot(spec) });
        spec.files['labels.json'] = { bytes: 1, sha256: '0'.repeat(64) };
      });
      assert.equal((await readModel(tiny.folder)).space, space);
    }
  });

  const changes: readonly [string, (spec: ModelSpec) => void][] = [
    ['a weight file', (spec) => (spec.files['head.safetensors']!.sha256 = '0'.repeat(64))],
    ['the normalisation', (spec) => (spec.vision.backbones[0]!.mean = [0.5, 0, 0])],
    ['the fusion mode', (spec) => (spec.head.fusion_mode = 'reference')],
    ['the transform of visual features', (spec) => (spec.head.vision_transform = 'signed_sqrt')],
    ['the transform of text features', (spec) => (spec.head.text_transform = 'unit_length')],
    ['the length of texts', (spec) => (spec.text.max_tokens = 12)],
  ];
  for (const [what, change] of changes) {
    it(`changes with ${what}`, async () => {
      const { space } = await readModel(tiny.folder);
      await edit(change);
      assert.notEqual((await readModel(tiny.folder)).space, space);
    });
  }
});
