/**
 * Writes model.json and golden.json of models/compact for its encoders, which build-minilm.ts and reference/efficientnet_lite.py make:
 *
 *     npm run build:compact -- [--head MODEL_FOLDER] [--int8 MODEL_FOLDER]
 *
 * The head stays as it is, or is copied from a model that a job has trained (see compact-training.ts). Where there is no head yet, it is
 * the seeded one. The integers of the visual encoder stay as they are, or are copied from a model that `models optimize` has made of the
 * same model in fp32, which
 *
 *     npm run build:compact -- --fp32 var/models
 *
 * adds to a folder of models as `compact-fp32`, and does nothing else.
 */
import { existsSync } from 'node:fs';
import { copyFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { seedHead } from '../src/architectures/head/seeded-head.ts';
import { drawPicture } from '../src/embedding/golden/draw-picture.ts';
import { float32ToFloat16 } from '../src/graph/float16.ts';
import { ModelRuntime } from '../src/inference/engine/model-runtime.ts';
import { hashFile, readModel, toHeadSpec } from '../src/model/model.ts';
import { buildModel, linkFile } from '../src/model/model-builder.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';
import { type ModelSpec, requiredFiles, type VisualEncoderSpec } from '../src/model/model-spec.ts';
import { loadTokenizer } from '../src/preprocess/text-tokenizer.ts';
import { readSafetensors } from '../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../src/weights/safetensors-writer.ts';
import type { Tensor } from '../src/weights/tensor.ts';

const SEED = 42;
const FOLDER = path.join(BUNDLED_MODELS, 'compact');

const FP32_ENCODER: VisualEncoderSpec = {
  kind: 'efficientnet_lite',
  weights: 'efficientnet_lite1.safetensors',
  prefix: '',
  precision: 'fp32',
};
const INT8_FILE = 'efficientnet.int8.onnx';

const spec: ModelSpec = {
  format: 1,
  name: 'compact',
  version: 4,
  description: 'EfficientNet-Lite1 and all-MiniLM-L6-v2 with a head trained on comics',
  licence: 'MIT (head), Apache-2.0 (EfficientNet-Lite1, all-MiniLM-L6-v2)',
  dimensions: 512,
  vision: {
    image_size: 224,
    grid_views: 1,
    backbones: [
      {
        name: 'efficientnet',
        encoder: { kind: 'onnx', file: INT8_FILE, input: 'images', output: 'features', precision: 'int8' },
        features: 1280,
        // As the weights were trained: (x * 255 - 127) / 128
        mean: [127 / 255, 127 / 255, 127 / 255],
        std: [128 / 255, 128 / 255, 128 / 255],
      },
    ],
  },
  text: {
    encoder: {
      kind: 'bert',
      weights: 'minilm.safetensors',
      prefix: '',
      precision: 'fp32',
      heads: 12,
      pooled_layers: [6, 1],
    },
    features: 768,
    tokenizer: 'tokenizer.json',
    vocabulary: 30522,
    max_tokens: 256,
  },
  head: {
    weights: 'head.safetensors',
    visual_fusion: 'single',
    modality_indicators: true,
    fusion_mode: 'present',
    vision_transform: 'signed_sqrt',
  },
  // The likeliest for the descriptions of held-out panels, each among those of its fold
  zero_shot: { kind: 'softmax', temperature: 0.05, bias: 0 },
  golden: 'golden.json',
  files: {},
};

/** Writes the head in half precision, which is precise enough. The fingerprint of the space is that of these bytes. */
async function writeHead(tensors: ReadonlyMap<string, Tensor>): Promise<void> {
  const weights = [...tensors].map(([key, { shape, bytes }]) => {
    const float16Bytes = float32ToFloat16(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4));
    return [key, { dtype: 'float16', shape, bytes: float16Bytes }] as const;
  });
  await writeSafetensors(path.join(FOLDER, spec.head.weights), new Map(weights));
}

async function describeFiles(names: readonly string[]): Promise<ModelSpec['files']> {
  const files: ModelSpec['files'] = {};
  for (const name of names) {
    const file = path.join(FOLDER, name);
    files[name] = { bytes: (await stat(file)).size, sha256: await hashFile(file) };
  }
  return files;
}

async function writeModelJson(files: ModelSpec['files']): Promise<void> {
  await writeFile(path.join(FOLDER, 'model.json'), `${JSON.stringify({ ...spec, files }, null, 2)}\n`);
}

const PANELS = [
  { pattern: 3, text: null, composition: null },
  { pattern: null, text: 'A young witch and her orange cat sit on a bed', composition: null },
  { pattern: 5, text: 'KABOOM!', composition: [1.5, 0.2, 0.4, 0, 0, 0.25, 0.75] },
];

async function writeGoldenPanels(): Promise<void> {
  const file = path.join(FOLDER, 'golden.json');
  const model = await readModel(FOLDER);
  const tokenizer = await loadTokenizer(model);
  const runtime = await ModelRuntime.load(model, { provider: 'cpu', device: 0, threads: 2 }, 4);
  const results = await runtime.run(
    PANELS.map(({ pattern, text: panelText, composition }) => ({
      pixels: pattern === null ? null : drawPicture(pattern, spec.vision),
      tokens: panelText === null ? null : tokenizer.encode(panelText).tokens,
      composition: composition && Float32Array.from(composition),
      outputs: ['fused'],
    })),
  );
  const panels = PANELS.map((panel, i) => {
    const fused = results[i]?.vectors.fused;
    if (fused === undefined) throw new Error(`panel ${i} has no fused vector`);
    return { ...panel, fused: Buffer.from(fused.buffer).toString('base64') };
  });
  const formatRows = (rows: readonly object[]) => `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`;
  await writeFile(file, `{"panels":${formatRows(panels)}}\n`);
}

/** Adds the same model with its visual encoder in fp32, as it can be trained. */
async function addFp32Model(models: string): Promise<void> {
  const { folder } = await buildModel(models, 'compact-fp32', async (incoming) => {
    const { files: _, golden: __, ...definition } = spec;
    const backbones = spec.vision.backbones.map((backbone) => ({ ...backbone, encoder: FP32_ENCODER }));
    const fp32 = { ...definition, name: 'compact-fp32', vision: { ...spec.vision, backbones } };
    for (const file of requiredFiles(fp32)) await linkFile(path.join(FOLDER, file), path.join(incoming, file));
    return fp32;
  });
  console.log(folder);
}

async function buildCompact({ head, int8 }: { readonly head?: string; readonly int8?: string }): Promise<void> {
  if (int8 !== undefined) await copyFile(path.join(path.resolve(int8), INT8_FILE), path.join(FOLDER, INT8_FILE));
  if (head !== undefined) {
    await writeHead((await readSafetensors(path.join(path.resolve(head), spec.head.weights))).tensors);
  } else if (!existsSync(path.join(FOLDER, spec.head.weights))) {
    await writeHead(seedHead(toHeadSpec(spec), SEED));
  }
  const fileNames = requiredFiles(spec);
  await writeModelJson(await describeFiles(fileNames));
  await writeGoldenPanels();
  const files = await describeFiles([...fileNames, 'golden.json']);
  await writeModelJson(files);
  for (const [name, { bytes, sha256 }] of Object.entries(files)) console.log(name, bytes, sha256);
}

const { values } = parseArgs({
  options: { head: { type: 'string' }, int8: { type: 'string' }, fp32: { type: 'string' } },
});
if (values.fp32 === undefined) await buildCompact(values);
else await addFp32Model(path.resolve(values.fp32));
