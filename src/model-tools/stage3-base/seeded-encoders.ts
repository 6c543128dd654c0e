import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bert } from '../../architectures/backbones/bert.ts';
import { resnet } from '../../architectures/backbones/resnet.ts';
import { siglip } from '../../architectures/backbones/siglip.ts';
import { imagesInput, textInputs } from '../../architectures/encoders/code-encoder.ts';
import { STANDARD_LOWERING } from '../../architectures/lowering/standard-lowering.ts';
import { elementCount } from '../../graph/shape.ts';
import { SeededRandom } from '../../util/seeded-random.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { AuditedWeights } from '../audit/audited-weights.ts';
import { makeSeededTokenizer } from './seeded-tokenizer.ts';
import { type EncoderSizes, STAGE3_FILES, STAGE3_PREFIXES } from './stage3-files.ts';

/** Uniform numbers between minus and plus this have a standard deviation of one. */
const UNIT_RANGE = Math.sqrt(3);
/** Scale of a residual block, so that the sum of sixteen blocks does not grow. */
const RESIDUAL_SCALE = 0.3;

/**
 * Writes encoders of any size with random weights, in the files and under the keys of the published ones: for benchmarks, tests
 * and machines without a hub. Their vectors mean nothing. The same seed gives the same bytes.
 */
export async function seedEncoders(
  folder: string,
  sizes: EncoderSizes,
  seed: number,
  onProgress: (file: string) => void = () => {},
): Promise<void> {
  for (const [encoder, shapes] of Object.entries(collectWeightShapes(sizes)) as [keyof EncoderSizes, WeightShapes][]) {
    const tensors = new Map([...shapes].map(([key, shape]) => [key, seededTensor(key, shape, seed)]));
    await writeSafetensors(path.join(folder, STAGE3_FILES[encoder]), tensors);
    onProgress(STAGE3_FILES[encoder]);
  }
  await writeFile(
    path.join(folder, STAGE3_FILES.tokenizer),
    JSON.stringify(makeSeededTokenizer(sizes.text.vocabulary)),
  );
  onProgress(STAGE3_FILES.tokenizer);
}

type WeightShapes = ReadonlyMap<string, readonly number[]>;

/** Shapes of the weights that the graphs need, by key. */
function collectWeightShapes(sizes: EncoderSizes): Record<keyof EncoderSizes, WeightShapes> {
  const images = imagesInput(sizes.siglip.imageSize);
  const { ids, mask } = textInputs();
  const collect = (encoder: keyof EncoderSizes, build: (weights: AuditedWeights) => unknown) => {
    const weights = new AuditedWeights(new Map());
    build(weights.withPrefix(STAGE3_PREFIXES[encoder]));
    return weights.audit.requested;
  };
  return {
    siglip: collect('siglip', (weights) => siglip(weights, sizes.siglip, images, STANDARD_LOWERING)),
    resnet: collect('resnet', (weights) => resnet(weights, sizes.resnet, images)),
    text: collect('text', (weights) => bert(weights, sizes.text, ids, mask, STANDARD_LOWERING)),
  };
}

function seededTensor(key: string, shape: readonly number[], seed: number): Tensor {
  const values = new Float32Array(elementCount(shape));
  const { centre, range } = distribution(key, shape);
  const random = new SeededRandom(seed ^ hash(key));
  for (let i = 0; i < values.length; i++) values[i] = centre + range * (2 * random.uniform() - 1);
  return { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) };
}

/** Linear layers and convolutions preserve the variance of their inputs; norms are near the identity. */
function distribution(key: string, shape: readonly number[]): { centre: number; range: number } {
  if (key.endsWith('running_var')) return { centre: 1, range: 0.1 };
  if (/bn3\.weight$/.test(key)) return { centre: RESIDUAL_SCALE, range: 0.1 };
  const inputs = elementCount(shape.slice(1));
  if (shape.length === 4) return { centre: 0, range: UNIT_RANGE * Math.sqrt(2 / inputs) };
  if (/embedding|probe/.test(key) && shape.length > 1) return { centre: 0, range: 0.5 };
  if (shape.length > 1) return { centre: 0, range: UNIT_RANGE / Math.sqrt(inputs) };
  return { centre: key.endsWith('.weight') ? 1 : 0, range: 0.05 };
}

/** FNV-1a hash of a key, so that each tensor has its own random numbers. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state >>> 0;
}
