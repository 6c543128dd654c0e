import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bert } from '../../architectures/backbones/bert.ts';
import { resnet } from '../../architectures/backbones/resnet.ts';
import { siglip } from '../../architectures/backbones/siglip.ts';
import { siglipText } from '../../architectures/backbones/siglip-text.ts';
import { imagesInput, textInputs, tokensInput } from '../../architectures/encoders/code-encoder.ts';
import { STANDARD_LOWERING } from '../../architectures/lowering/standard-lowering.ts';
import { elementCount } from '../../graph/shape.ts';
import { SeededRandom } from '../../util/seeded-random.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { float32Tensor, type Tensor } from '../../weights/tensor.ts';
import { AuditedWeights } from '../audit/audited-weights.ts';
import { makeSeededLabelTokenizer } from './seeded-label-tokenizer.ts';
import { makeSeededTokenizer } from './seeded-tokenizer.ts';
import {
  type EncoderSizes,
  SIGLIP_LOGIT_KEYS,
  STAGE3_ENCODER_FILES,
  STAGE3_FILES,
  STAGE3_PREFIXES,
} from './stage3-files.ts';

/** Uniform numbers between minus and plus this have a standard deviation of one. */
const UNIT_RANGE = Math.sqrt(3);
/** Near the numbers of the published model */
const SIGLIP_LOGITS = [
  [SIGLIP_LOGIT_KEYS.logScale, 4.77],
  [SIGLIP_LOGIT_KEYS.bias, -12.9],
] as const;
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
  const encoders = Object.entries(collectWeightShapes(sizes)) as [keyof EncoderSizes, WeightShapes][];
  for (const [file, group] of Map.groupBy(encoders, ([encoder]) => STAGE3_ENCODER_FILES[encoder])) {
    const shapes = group.flatMap(([, encoderShapes]) => [...encoderShapes]);
    const tensors = new Map(shapes.map(([key, shape]) => [key, seededTensor(key, shape, seed)]));
    if (file === STAGE3_FILES.siglip) for (const [key, value] of SIGLIP_LOGITS) tensors.set(key, oneNumber(value));
    await writeSafetensors(path.join(folder, file), tensors);
    onProgress(file);
  }
  const tokenizers = {
    [STAGE3_FILES.tokenizer]: makeSeededTokenizer(sizes.text.vocabulary),
    [STAGE3_FILES.labelTokenizer]: makeSeededLabelTokenizer(sizes.siglipText.vocabulary),
  };
  for (const [file, json] of Object.entries(tokenizers)) {
    await writeFile(path.join(folder, file), JSON.stringify(json));
    onProgress(file);
  }
}

function oneNumber(value: number): Tensor {
  return float32Tensor([1], Float32Array.of(value));
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
    siglipText: collect('siglipText', (weights) =>
      siglipText(weights, sizes.siglipText, tokensInput(sizes.siglipText.positions), STANDARD_LOWERING),
    ),
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
