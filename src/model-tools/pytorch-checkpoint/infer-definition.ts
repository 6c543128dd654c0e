import { inferBertSizes } from '../../architectures/backbones/bert.ts';
import { inferResnetSizes, resnetFeatureWidth } from '../../architectures/backbones/resnet.ts';
import { inferSiglipSizes } from '../../architectures/backbones/siglip.ts';
import { axisSize } from '../../architectures/weight-sizes.ts';
import { ModelError } from '../../model/model-error.ts';
import type { BackboneSpec, ModelDefinition } from '../../model/model-spec.ts';
import type { Precision } from '../../model/spec-fields.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { IMAGENET_NORMALISATION, siglipHeadCount, textHeadCount } from '../published-encoders.ts';
import type { CheckpointHints } from './checkpoint-hints.ts';
import { encoderPrefixes, findBackbones, inferHead } from './checkpoint-layout.ts';

/** The one weights file of an imported model. */
export const WEIGHTS_FILE = 'weights.safetensors';
/** Image size and maximum text length of the original PyTorch code */
const IMAGE_SIZE = 224;
const MAX_TOKENS = 256;

type Rgb = readonly [number, number, number];
type BackboneDescription = Omit<BackboneSpec, 'mean' | 'std'>;

/**
 * Infers the definition of a Stage 3 checkpoint, but for name and description. Unknown properties are those of the original
 * PyTorch code: `reference` fusion, and ImageNet's normalisation for both backbones.
 * @throws WeightsError naming the key that is missing or misshapen; ModelError if a number of heads must be given
 */
export function inferModelDefinition(
  weights: WeightSource,
  keys: readonly string[],
  hints: CheckpointHints,
): ModelDefinition {
  const backbones = findBackbones(keys);
  if (backbones.length === 0) {
    throw new WeightsError(`no keys of a visual backbone (vision.siglip…, vision.resnet…) among ${keys.length}`);
  }
  const { dimensions, visualFusion, modalityIndicators } = inferHead(weights, backbones);
  const prefixes = encoderPrefixes(backbones);
  const descriptions = backbones.map((name) => (name === 'siglip' ? describeSiglip() : describeResnet()));
  const imageSize =
    descriptions.find((backbone) => backbone.imageSize !== undefined)?.imageSize ?? hints.image_size ?? IMAGE_SIZE;
  return {
    format: 1,
    name: 'imported',
    version: 1,
    description: '',
    licence: 'that of the checkpoint',
    dimensions,
    vision: {
      image_size: imageSize,
      grid_views: hints.grid_views ?? 1,
      backbones: descriptions.map(({ imageSize: _, ...backbone }) => ({
        ...backbone,
        ...normalisation(backbone.name),
      })),
    },
    text: describeText(),
    head: {
      weights: WEIGHTS_FILE,
      visual_fusion: visualFusion,
      modality_indicators: modalityIndicators,
      fusion_mode: hints.fusion_mode ?? 'reference',
      ...(hints.vision_transform && { vision_transform: hints.vision_transform }),
      ...(hints.text_transform && { text_transform: hints.text_transform }),
    },
  };

  function describeSiglip(): BackboneDescription & { imageSize: number } {
    const tower = weights.withPrefix(prefixes.siglip);
    const heads = siglipHeadCount(axisSize(tower, 'embeddings.patch_embedding.weight', 0), hints.siglip_heads);
    const { width, imageSize } = inferSiglipSizes(tower, heads);
    if (hints.image_size !== undefined && hints.image_size !== imageSize) {
      throw new ModelError(`SigLIP's positions are for images of ${imageSize} x ${imageSize}, not ${hints.image_size}`);
    }
    const encoder = {
      kind: 'siglip',
      weights: WEIGHTS_FILE,
      prefix: prefixes.siglip,
      precision: precisionOf('siglip'),
      heads,
    } as const;
    return { name: 'siglip', encoder, features: width, imageSize };
  }

  function describeResnet(): BackboneDescription & { imageSize: undefined } {
    const sizes = inferResnetSizes(weights.withPrefix(prefixes.resnet));
    const encoder = {
      kind: 'resnet',
      weights: WEIGHTS_FILE,
      prefix: prefixes.resnet,
      precision: precisionOf('resnet'),
    } as const;
    return { name: 'resnet', encoder, features: resnetFeatureWidth(sizes), imageSize: undefined };
  }

  function describeText(): ModelDefinition['text'] {
    const encoder = weights.withPrefix(prefixes.text);
    const heads = textHeadCount(axisSize(encoder, 'embeddings.word_embeddings.weight', 1), hints.text_heads);
    const { width, positions, vocabulary } = inferBertSizes(encoder, heads);
    if (hints.max_tokens !== undefined && hints.max_tokens > positions) {
      throw new ModelError(
        `the text encoder has ${positions} positions, which is fewer than ${hints.max_tokens} tokens`,
      );
    }
    const { pooled_layers: pooledLayers } = hints;
    return {
      encoder: {
        kind: 'bert',
        weights: WEIGHTS_FILE,
        prefix: prefixes.text,
        precision: precisionOf('text'),
        heads,
        ...(pooledLayers && { pooled_layers: pooledLayers }),
      },
      features: width * (pooledLayers?.length ?? 1),
      vocabulary,
      max_tokens: Math.min(positions, hints.max_tokens ?? MAX_TOKENS),
    };
  }

  function precisionOf(part: string): Precision {
    return hints.precision?.[part] ?? 'fp32';
  }

  function normalisation(name: string): Pick<BackboneSpec, 'mean' | 'std'> {
    const { mean, std } = hints.normalisation?.[name] ?? IMAGENET_NORMALISATION;
    return { mean: toRgb(mean), std: toRgb(std) };
  }
}

function toRgb([red, green, blue]: Rgb): [number, number, number] {
  return [red, green, blue];
}
