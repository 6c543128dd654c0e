import type { HeadSpec, VisualFusion } from '../../model/head-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';

/** Prefixes of the pretrained encoders' keys in a checkpoint of the original PyTorch code. */
export interface EncoderPrefixes {
  readonly siglip: string;
  readonly resnet: string;
  readonly text: string;
}

const TEXT_PREFIX = 'text.encoder.';
const VISION_TOWER_PREFIX = 'vision_model.';

/** Prefixes for a set of backbones. With two of them, each is nested in a module of its own. */
export function encoderPrefixes(backbones: readonly string[]): EncoderPrefixes {
  const hasBoth = backbones.length > 1;
  const prefix = (name: string) => `vision.${hasBoth ? `${name}.` : ''}${name}.`;
  return { text: TEXT_PREFIX, siglip: prefix('siglip') + VISION_TOWER_PREFIX, resnet: prefix('resnet') };
}

/** Finds the visual backbones of a checkpoint by its keys. */
export function findBackbones(keys: Iterable<string>): readonly string[] {
  const names = new Set<string>();
  for (const key of keys) {
    const name = /^vision\.(siglip|resnet)\./.exec(key)?.[1];
    if (name !== undefined) names.add(name);
  }
  return ['siglip', 'resnet'].filter((name) => names.has(name));
}

/** Infers width, fusion and indicators of the head from its weights. @throws WeightsError if they are missing */
export function inferHead(
  weights: WeightSource,
  backbones: readonly string[],
): Pick<HeadSpec, 'dimensions' | 'visualFusion' | 'modalityIndicators'> {
  const dimensions = weights.shape('text.proj.weight')[0] ?? 0;
  const gateInputs = weights.shape('fusion.gate.0.weight')[1] ?? 0;
  return {
    dimensions,
    visualFusion: backbones.length === 1 ? 'single' : inferVisualFusion(weights),
    modalityIndicators: gateInputs > 3 * dimensions,
  };
}

const FUSION_KEYS: readonly (readonly [VisualFusion, string])[] = [
  ['attention', 'vision.attention.0.weight'],
  ['gate', 'vision.gate.0.weight'],
  ['concat', 'vision.projection.weight'],
];

function inferVisualFusion(weights: WeightSource): VisualFusion {
  return FUSION_KEYS.find(([, key]) => weights.has(key))?.[0] ?? 'attention';
}
