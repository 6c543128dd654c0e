/**
 * Writes model.json and golden.json of models/compact for its encoders, which build-minilm.ts and reference/efficientnet_lite.py make:
 * `npm run build:compact -- [--head MODEL_FOLDER]`. The head stays as it is, or is copied from a model that a job has trained
 * (see compact-training.ts). Where there is no head yet, it is the seeded one.
 */
import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { seedHead } from '../src/architectures/head/seeded-head.ts';
import { drawPicture } from '../src/embedding/golden/draw-picture.ts';
import { float32ToFloat16 } from '../src/graph/float16.ts';
import { ModelRuntime } from '../src/inference/engine/model-runtime.ts';
import { hashFile, readModel, toHeadSpec } from '../src/model/model.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';
import { type ModelSpec, requiredFiles } from '../src/model/model-spec.ts';
import { loadTokenizer } from '../src/preprocess/text-tokenizer.ts';
import { readSafetensors } from '../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../src/weights/safetensors-writer.ts';
import type { Tensor } from '../src/weights/tensor.ts';

const SEED = 42;
const FOLDER = path.join(BUNDLED_MODELS, 'compact');

const spec: ModelSpec = {
  format: 1,
  name: 'compact',
  version: 3,
  description: 'EfficientNet-Lite1 and all-MiniLM-L6-v2 with a head trained on comics',
  licence: 'MIT (head), Apache-2.0 (EfficientNet-Lite1, all-MiniLM-L6-v2)',
  dimensions: 512,
  vision: {
    image_size: 224,
    grid_views: 1,
    backbones: [
      {
        name: 'efficientnet',
        encoder: {
          kind: 'efficientnet_lite',
          weights: 'efficientnet_lite1.safetensors',
          prefix: '',
          precision: 'fp32',
        },
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

const { values } = parseArgs({ options: { head: { type: 'string' } } });
const headFile = path.join(FOLDER, spec.head.weights);
if (values.head !== undefined) {
  await writeHead((await readSafetensors(path.join(path.resolve(values.head), spec.head.weights))).tensors);
} else if (!existsSync(headFile)) {
  await writeHead(seedHead(toHeadSpec(spec), SEED));
}
const fileNames = requiredFiles(spec);
await writeModelJson(await describeFiles(fileNames));
await writeGoldenPanels();
const files = await describeFiles([...fileNames, 'golden.json']);
await writeModelJson(files);
for (const [name, { bytes, sha256 }] of Object.entries(files)) console.log(name, bytes, sha256);
