import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { bertSizes } from '../backbones/bert.ts';
import { resnetFeatures, resnetSizes } from '../backbones/resnet.ts';
import { siglipSizes } from '../backbones/siglip.ts';
import { axisSize } from '../backbones/weight-sizes.ts';
import type { ModelParts } from '../model-builder.ts';
import { ModelError } from '../model-error.ts';
import type { BackboneSpec, Precision } from '../model-spec.ts';
import { IMAGENET } from '../normalisation.ts';
import { siglipHeads, textHeads } from './heads.ts';
import { backbonesOf, encoderPrefixes, headOf } from './layout.ts';
import type { Hints } from './metadata.ts';

/** The one weights file of an imported model. */
export const WEIGHTS = 'weights.safetensors';
/** What the original squeezes pictures to, and cuts texts to at most. */
const IMAGE_SIZE = 224;
const MAX_TOKENS = 256;

type Described = Omit<BackboneSpec, 'mean' | 'std'>;

/**
 * What a Stage 3 checkpoint is made of, name and prose aside. Whatever neither the keys nor the hints tell is as in the
 * original: `reference` fusion, ImageNet's normalisation for both backbones.
 * @throws WeightsError naming the key that says too little, ModelError where a number of heads must be given
 */
export function partsOf(weights: WeightSource, keys: readonly string[], hints: Hints): ModelParts {
  const backbones = backbonesOf(keys);
  if (backbones.length === 0) {
    throw new WeightsError(`no keys of a visual backbone (vision.siglip…, vision.resnet…) among ${keys.length}`);
  }
  const { dimensions, visualFusion, modalityIndicators } = headOf(weights, backbones);
  const prefixes = encoderPrefixes(backbones);
  const described = backbones.map((name) => (name === 'siglip' ? siglip() : resnet()));
  const imageSize = described.find((backbone) => backbone.image !== undefined)?.image ?? hints.image_size ?? IMAGE_SIZE;
  return {
    format: 1,
    name: 'imported',
    version: 1,
    description: '',
    licence: 'that of the checkpoint',
    dimensions,
    vision: {
      image_size: imageSize,
      backbones: described.map(({ image: _, ...backbone }) => ({ ...backbone, ...normalisation(backbone.name) })),
    },
    text: text(),
    head: {
      weights: WEIGHTS,
      visual_fusion: visualFusion,
      modality_indicators: modalityIndicators,
      fusion_mode: hints.fusion_mode ?? 'reference',
    },
  };

  function siglip(): Described & { image: number } {
    const tower = weights.within(prefixes.siglip!);
    const heads = siglipHeads(axisSize(tower, 'embeddings.patch_embedding.weight', 0), hints.siglip_heads);
    const { width, image } = siglipSizes(tower, heads);
    if (hints.image_size !== undefined && hints.image_size !== image) {
      throw new ModelError(`SigLIP's places are for pictures of ${image} x ${image}, not ${hints.image_size}`);
    }
    const encoder = {
      kind: 'siglip',
      weights: WEIGHTS,
      prefix: prefixes.siglip!,
      precision: precisionOf('siglip'),
      heads,
    } as const;
    return { name: 'siglip', encoder, features: width, image };
  }

  function resnet(): Described & { image: undefined } {
    const sizes = resnetSizes(weights.within(prefixes.resnet!));
    const encoder = {
      kind: 'resnet',
      weights: WEIGHTS,
      prefix: prefixes.resnet!,
      precision: precisionOf('resnet'),
    } as const;
    return { name: 'resnet', encoder, features: resnetFeatures(sizes), image: undefined };
  }

  function text(): ModelParts['text'] {
    const encoder = weights.within(prefixes.text);
    const heads = textHeads(axisSize(encoder, 'embeddings.word_embeddings.weight', 1), hints.text_heads);
    const { width, positions, vocabulary } = bertSizes(encoder, heads);
    if (hints.max_tokens !== undefined && hints.max_tokens > positions) {
      throw new ModelError(`the text encoder has places for ${positions} tokens, not ${hints.max_tokens}`);
    }
    return {
      encoder: { kind: 'bert', weights: WEIGHTS, prefix: prefixes.text, precision: precisionOf('text'), heads },
      features: width,
      vocabulary,
      max_tokens: Math.min(positions, hints.max_tokens ?? MAX_TOKENS),
    };
  }

  function precisionOf(part: string): Precision {
    return hints.precision?.[part] ?? 'fp32';
  }

  function normalisation(name: string): Pick<BackboneSpec, 'mean' | 'std'> {
    const { mean, std } = hints.normalisation?.[name] ?? IMAGENET;
    return { mean: triple(mean), std: triple(std) };
  }
}

function triple([red, green, blue]: readonly number[]): [number, number, number] {
  return [red!, green!, blue!];
}
