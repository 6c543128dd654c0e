import path from 'node:path';
import { bert, inferBertSizes } from '../../architectures/backbones/bert.ts';
import { inferResnetSizes, resnet, resnetFeatureWidth } from '../../architectures/backbones/resnet.ts';
import { inferSiglipSizes, siglip } from '../../architectures/backbones/siglip.ts';
import { inferSiglipTextSizes, type SiglipTextSizes, siglipText } from '../../architectures/backbones/siglip-text.ts';
import { imagesInput, textInputs, tokensInput } from '../../architectures/encoders/code-encoder.ts';
import { seedHead } from '../../architectures/head/seeded-head.ts';
import { STANDARD_LOWERING } from '../../architectures/lowering/standard-lowering.ts';
import { toHeadSpec } from '../../model/model.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import type { ZeroShotSpec } from '../../model/zero-shot-spec.ts';
import { readSafetensors, readSafetensorsHeader } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { float32View } from '../../weights/tensor.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { AuditedWeights, assertNoProblems, undefinedIfMissing } from '../audit/audited-weights.ts';
import { IMAGENET_NORMALISATION, SIGLIP_NORMALISATION } from '../published-encoders.ts';
import { readTokenizerFile } from '../tokenizer-file.ts';
import {
  type EncoderSizes,
  SIGLIP_LOGIT_KEYS,
  SIGLIP_PAD_TOKEN,
  STAGE3_BASE,
  STAGE3_ENCODER_FILES,
  STAGE3_FILES,
  STAGE3_HEADS,
  STAGE3_PREFIXES,
  STAGE3_SIZES,
} from './stage3-files.ts';

const DIMENSIONS = 512;
/** Maximum text length in the training of the text encoder (sentence_bert_config.json of all-MiniLM-L6-v2) */
const MAX_TOKENS = 256;
const HEAD_SEED = 1;

/**
 * Completes a folder with the encoders and the tokenizer to a model: checks all weights that the graphs need, and adds a head
 * with initial weights.
 * @throws WeightsError or ModelError naming the file
 */
export async function assembleStage3Base(
  folder: string,
  description: string,
  dimensions = DIMENSIONS,
): Promise<ModelDefinition> {
  const sizes = await auditEncoders(folder);
  await readTokenizerFile(path.join(folder, STAGE3_FILES.tokenizer), sizes.text.vocabulary);
  await readTokenizerFile(path.join(folder, STAGE3_FILES.labelTokenizer), sizes.siglipText.vocabulary);
  const definition = {
    ...defineStage3Base(sizes, description, dimensions),
    zero_shot: await defineZeroShot(folder, sizes.siglipText),
  };
  await writeSafetensors(path.join(folder, STAGE3_FILES.head), seedHead(toHeadSpec(definition), HEAD_SEED));
  return definition;
}

async function auditEncoders(folder: string): Promise<EncoderSizes> {
  // Any size: no weight of ResNet depends on it.
  const images = imagesInput(STAGE3_SIZES.siglip.imageSize);
  const { ids, mask } = textInputs();
  return {
    siglip: await auditEncoder('siglip', (weights) => {
      const sizes = inferSiglipSizes(weights, STAGE3_HEADS);
      siglip(weights, sizes, imagesInput(sizes.imageSize), STANDARD_LOWERING);
      return sizes;
    }),
    siglipText: await auditEncoder('siglipText', (weights) => {
      const sizes = inferSiglipTextSizes(weights, STAGE3_HEADS);
      siglipText(weights, sizes, tokensInput(sizes.positions), STANDARD_LOWERING);
      return sizes;
    }),
    resnet: await auditEncoder('resnet', (weights) => {
      const sizes = inferResnetSizes(weights);
      resnet(weights, sizes, images);
      return sizes;
    }),
    text: await auditEncoder('text', (weights) => {
      const sizes = inferBertSizes(weights, STAGE3_HEADS);
      bert(weights, sizes, ids, mask, STANDARD_LOWERING);
      return sizes;
    }),
  };

  async function auditEncoder<T>(encoder: keyof EncoderSizes, build: (weights: AuditedWeights) => T): Promise<T> {
    const file = path.join(folder, STAGE3_ENCODER_FILES[encoder]);
    const weights = new AuditedWeights((await readSafetensorsHeader(file)).entries);
    const sizes = undefinedIfMissing(() => build(weights.withPrefix(STAGE3_PREFIXES[encoder])));
    const { missing, misshapen } = weights.audit;
    assertNoProblems(file, { missing, misshapen });
    if (sizes === undefined)
      throw new WeightsError(`${file}: the sizes of the encoder cannot be read from the weights`);
    return sizes;
  }
}

function encoderFields(encoder: keyof EncoderSizes) {
  return { weights: STAGE3_ENCODER_FILES[encoder], prefix: STAGE3_PREFIXES[encoder], precision: 'fp32' } as const;
}

/** SigLIP's own text tower and scoring. */
async function defineZeroShot(folder: string, sizes: SiglipTextSizes): Promise<ZeroShotSpec> {
  const file = path.join(folder, STAGE3_FILES.siglip);
  const { logScale, bias } = SIGLIP_LOGIT_KEYS;
  const { tensors } = await readSafetensors(file, (key) => key === logScale || key === bias);
  const readNumber = (key: string): number => {
    const tensor = tensors.get(key);
    const value = tensor?.dtype === 'float32' ? float32View(tensor)[0] : undefined;
    if (value === undefined || !Number.isFinite(value)) throw new WeightsError(`${file}: "${key}" is not one number`);
    return value;
  };
  return {
    kind: 'sigmoid',
    temperature: Math.exp(-readNumber(logScale)),
    bias: readNumber(bias),
    text: {
      backbone: 'siglip',
      encoder: { kind: 'siglip_text', ...encoderFields('siglipText'), heads: sizes.heads, pad_token: SIGLIP_PAD_TOKEN },
      features: sizes.features,
      tokenizer: STAGE3_FILES.labelTokenizer,
      max_tokens: sizes.positions,
    },
  };
}

function defineStage3Base(
  { siglip: tower, resnet: net, text }: EncoderSizes,
  description: string,
  dimensions: number,
): ModelDefinition {
  return {
    format: 1,
    name: STAGE3_BASE,
    version: 1,
    description,
    licence: 'Apache-2.0 (SigLIP, ResNet50 of timm, all-MiniLM-L6-v2), MIT (head)',
    dimensions,
    vision: {
      image_size: tower.imageSize,
      grid_views: 1,
      backbones: [
        {
          name: 'siglip',
          encoder: { kind: 'siglip', ...encoderFields('siglip'), heads: tower.heads },
          features: tower.width,
          mean: [...SIGLIP_NORMALISATION.mean],
          std: [...SIGLIP_NORMALISATION.std],
        },
        {
          name: 'resnet',
          encoder: { kind: 'resnet', ...encoderFields('resnet') },
          features: resnetFeatureWidth(net),
          mean: [...IMAGENET_NORMALISATION.mean],
          std: [...IMAGENET_NORMALISATION.std],
        },
      ],
    },
    text: {
      encoder: { kind: 'bert', ...encoderFields('text'), heads: text.heads },
      features: text.width,
      tokenizer: STAGE3_FILES.tokenizer,
      vocabulary: text.vocabulary,
      max_tokens: Math.min(MAX_TOKENS, text.positions),
    },
    head: {
      weights: STAGE3_FILES.head,
      visual_fusion: 'attention',
      modality_indicators: true,
      fusion_mode: 'present',
    },
  };
}
