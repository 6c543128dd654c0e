import type { HeadSpec, VisualFusion } from '../../model/head-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';

/** Where the original keeps the pretrained encoders, before the upstream's own keys. */
export interface EncoderPrefixes {
  readonly siglip?: string;
  readonly resnet?: string;
  readonly text: string;
}

const TEXT_PREFIX = 'text.encoder.';
const VISION_TOWER_PREFIX = 'vision_model.';

/** Prefixes of a model with these backbones: with two, each has a module of its own around it. */
export function encoderPrefixes(backbones: readonly string[]): EncoderPrefixes {
  const hasBoth = backbones.length > 1;
  const [siglip, resnet] = ['siglip', 'resnet'].map((name) => `vision.${hasBoth ? `${name}.` : ''}${name}.`);
  return {
    text: TEXT_PREFIX,
    ...(backbones.includes('siglip') && { siglip: siglip! + VISION_TOWER_PREFIX }),
    ...(backbones.includes('resnet') && { resnet: resnet! }),
  };
}

/** The visual backbones that a checkpoint's keys speak of. */
export function findBackbones(keys: Iterable<string>): readonly string[] {
  const names = new Set<string>();
  for (const key of keys) {
    const name = /^vision\.(siglip|resnet)\./.exec(key)?.[1];
    if (name !== undefined) names.add(name);
  }
  return ['siglip', 'resnet'].filter((name) => names.has(name));
}

/** Fusion, width and indicators, as the shapes of the head's weights tell. @throws WeightsError where they are missing */
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
