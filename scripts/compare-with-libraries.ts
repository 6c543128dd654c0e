/**
 * Compares our encoders with the libraries that define them, on what scripts/reference/library_outputs.py has written:
 *
 *     node scripts/compare-with-libraries.ts FOLDER
 *
 * Prints the largest difference of the pooled features to the library's in float64, beside that of the library's own float32.
 */
import path from 'node:path';
import { TextEncoder } from '../src/inference/engine/text-encoder.ts';
import { VisualEncoder } from '../src/inference/engine/visual-encoder.ts';
import { type Model, readModel } from '../src/model/model.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';
import type { BackboneSpec, TextSpec } from '../src/model/model-spec.ts';
import { IMAGENET_NORMALISATION, SIGLIP_NORMALISATION } from '../src/model-tools/published-encoders.ts';
import { cosineSimilarity } from '../src/util/vectors.ts';
import { readSafetensors } from '../src/weights/safetensors-reader.ts';
import type { Tensor } from '../src/weights/tensor.ts';

const OPTIONS = { provider: 'cpu', device: 0, threads: 2 } as const;
const HEADS = 12;
const code = (name: string, prefix = '') => ({ weights: `${name}.safetensors`, prefix, precision: 'fp32' as const });

const backbones: BackboneSpec[] = [
  {
    name: 'siglip',
    encoder: { kind: 'siglip', heads: HEADS, ...code('siglip', 'vision_model.') },
    features: 768,
    mean: [...SIGLIP_NORMALISATION.mean],
    std: [...SIGLIP_NORMALISATION.std],
  },
  {
    name: 'resnet',
    encoder: { kind: 'resnet', ...code('resnet') },
    features: 2048,
    mean: [...IMAGENET_NORMALISATION.mean],
    std: [...IMAGENET_NORMALISATION.std],
  },
];
const text: TextSpec = { encoder: { kind: 'bert', heads: HEADS, ...code('minilm') }, features: 384, max_tokens: 64 };

async function readInputs(folder: string, name: string): Promise<(key: string) => Tensor> {
  const { tensors } = await readSafetensors(path.join(folder, `${name}-io.safetensors`));
  return (key) => {
    const tensor = tensors.get(key);
    if (tensor === undefined) throw new Error(`${name}-io.safetensors has no ${key}`);
    return tensor;
  };
}

/** Bytes (n, side, side, 3) as n images. */
function splitImages({ shape: [count = 0], bytes }: Tensor): Uint8Array[] {
  const size = bytes.length / count;
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Token ids and masks (n, t) as n texts; the engine takes a negative id for a masked position. */
function splitTexts(ids: Tensor, mask: Tensor): Int32Array[] {
  const [count = 0, length = 0] = ids.shape;
  const [idValues, maskValues] = [ids, mask].map(({ bytes }) => new BigInt64Array(bytes.slice().buffer));
  return Array.from({ length: count }, (_, i) =>
    Int32Array.from({ length }, (__, j) =>
      maskValues?.[i * length + j] === 1n ? Number(idValues?.[i * length + j]) : -1,
    ),
  );
}

function report(name: string, ours: Float32Array, inputs: (key: string) => Tensor): void {
  const exact = new Float64Array(inputs('float64').bytes.slice().buffer);
  const theirs = new Float32Array(inputs('float32').bytes.slice().buffer);
  const [rows = 0, width = 0] = inputs('float64').shape;
  if (ours.length !== rows * width) throw new Error(`${name}: ${ours.length} numbers in place of ${rows * width}`);
  const difference = (values: Float32Array) =>
    values.reduce((max, value, i) => Math.max(max, Math.abs(value - (exact[i] ?? NaN))), 0);
  const cosines = Array.from({ length: rows }, (_, i) => {
    const [start, end] = [i * width, (i + 1) * width];
    return cosineSimilarity(ours.subarray(start, end), exact.subarray(start, end));
  });
  const largest = exact.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  console.log(
    `${name}: largest difference ${difference(ours).toExponential(1)} (the library's float32: ${difference(theirs).toExponential(1)})`,
    `of values up to ${largest.toFixed(2)}; smallest 1 - cosine ${(1 - Math.min(...cosines)).toExponential(1)}`,
  );
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/compare-with-libraries.ts FOLDER');
const bundled = await readModel(path.join(BUNDLED_MODELS, 'compact'));
const model: Model = { ...bundled, folder, spec: { ...bundled.spec, vision: { image_size: 224, backbones }, text } };
for (const backbone of backbones) {
  const inputs = await readInputs(folder, backbone.name);
  const encoder = await VisualEncoder.load(model, backbone, OPTIONS, [1]);
  report(backbone.name, await encoder.encode(splitImages(inputs('images'))), inputs);
}
const inputs = await readInputs(folder, 'minilm');
const encoder = await TextEncoder.load(model, OPTIONS, [1]);
report('minilm', await encoder.encode(splitTexts(inputs('ids'), inputs('mask'))), inputs);
