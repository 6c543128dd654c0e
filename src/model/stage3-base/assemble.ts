import path from 'node:path';
import { readSafetensorsHeader } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { tolerant } from '../audit/audit-model.ts';
import { AuditedWeights } from '../audit/audited-weights.ts';
import { assertNoProblems } from '../audit/problems.ts';
import { bert, bertSizes } from '../backbones/bert.ts';
import { imagesInput, textInputs } from '../backbones/inputs.ts';
import { resnet, resnetFeatures, resnetSizes } from '../backbones/resnet.ts';
import { siglip, siglipSizes } from '../backbones/siglip.ts';
import { PLAIN } from '../forms/plain.ts';
import { seedHead } from '../head/seeded-head.ts';
import { headSpec } from '../model.ts';
import type { ModelParts } from '../model-builder.ts';
import { IMAGENET, SIGLIP } from '../normalisation.ts';
import { assertTokenizer } from '../tokenizer-file.ts';
import { type EncoderSizes, FILES, FULL_SIZES, HEADS, PREFIXES, STAGE3_BASE } from './files.ts';

const DIMENSIONS = 512;
/** What the text encoder was trained with (sentence_bert_config.json of all-MiniLM-L6-v2). */
const MAX_TOKENS = 256;
const HEAD_SEED = 1;

/**
 * Makes a model of a folder that has the encoders and the tokenizer: reads their sizes, asks for every weight that the
 * graphs need, and adds a head that nothing has trained yet.
 * @throws WeightsError or ModelError naming the file at fault
 */
export async function assemble(folder: string, description: string, dimensions = DIMENSIONS): Promise<ModelParts> {
  const sizes = await auditEncoders(folder);
  await assertTokenizer(path.join(folder, FILES.tokenizer), sizes.text.vocabulary);
  const parts = partsOf(sizes, description, dimensions);
  await writeSafetensors(path.join(folder, FILES.head), seedHead(headSpec(parts), HEAD_SEED));
  return parts;
}

async function auditEncoders(folder: string): Promise<EncoderSizes> {
  // Any size would do: none of ResNet's weights depends on it.
  const images = imagesInput(FULL_SIZES.siglip.image);
  const { ids, mask } = textInputs();
  return {
    siglip: await audited('siglip', (weights) => {
      const sizes = siglipSizes(weights, HEADS);
      siglip(weights, sizes, imagesInput(sizes.image), PLAIN);
      return sizes;
    }),
    resnet: await audited('resnet', (weights) => {
      const sizes = resnetSizes(weights);
      resnet(weights, sizes, images);
      return sizes;
    }),
    text: await audited('text', (weights) => {
      const sizes = bertSizes(weights, HEADS);
      bert(weights, sizes, ids, mask, PLAIN);
      return sizes;
    }),
  };

  async function audited<T>(part: keyof EncoderSizes, build: (weights: AuditedWeights) => T): Promise<T> {
    const file = path.join(folder, FILES[part]);
    const weights = new AuditedWeights((await readSafetensorsHeader(file)).entries);
    const sizes = tolerant(() => build(weights.within(PREFIXES[part])));
    const { missing, misshapen } = weights.audit;
    assertNoProblems(file, { missing, misshapen });
    if (sizes === undefined) throw new WeightsError(`${file}: the weights tell no sizes`);
    return sizes;
  }
}

function partsOf(
  { siglip: tower, resnet: net, text }: EncoderSizes,
  description: string,
  dimensions: number,
): ModelParts {
  const code = (part: keyof EncoderSizes) =>
    ({ weights: FILES[part], prefix: PREFIXES[part], precision: 'fp32' }) as const;
  return {
    format: 1,
    name: STAGE3_BASE,
    version: 1,
    description,
    licence: 'Apache-2.0 (SigLIP, ResNet50 of timm, all-MiniLM-L6-v2), MIT (head)',
    dimensions,
    vision: {
      image_size: tower.image,
      backbones: [
        {
          name: 'siglip',
          encoder: { kind: 'siglip', ...code('siglip'), heads: tower.heads },
          features: tower.width,
          mean: [...SIGLIP.mean],
          std: [...SIGLIP.std],
        },
        {
          name: 'resnet',
          encoder: { kind: 'resnet', ...code('resnet') },
          features: resnetFeatures(net),
          mean: [...IMAGENET.mean],
          std: [...IMAGENET.std],
        },
      ],
    },
    text: {
      encoder: { kind: 'bert', ...code('text'), heads: text.heads },
      features: text.width,
      tokenizer: FILES.tokenizer,
      vocabulary: text.vocabulary,
      max_tokens: Math.min(MAX_TOKENS, text.positions),
    },
    head: {
      weights: FILES.head,
      visual_fusion: 'attention',
      modality_indicators: true,
      fusion_mode: 'present',
    },
  };
}
