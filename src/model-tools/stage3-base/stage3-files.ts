import type { BertSizes } from '../../architectures/backbones/bert.ts';
import type { ResnetSizes } from '../../architectures/backbones/resnet.ts';
import type { SiglipSizes } from '../../architectures/backbones/siglip.ts';
import type { SiglipTextSizes } from '../../architectures/backbones/siglip-text.ts';
import type { HubFile } from '../../huggingface/hub-file.ts';

/** Name of the model with the pretrained encoders of the original Stage 3 model. */
export const STAGE3_BASE = 'stage3-base';

/** Files in the model's folder. */
export const STAGE3_FILES = {
  siglip: 'siglip.safetensors',
  resnet: 'resnet.safetensors',
  text: 'minilm.safetensors',
  tokenizer: 'tokenizer.json',
  labelTokenizer: 'siglip-tokenizer.json',
  head: 'head.safetensors',
} as const;

/** The file of each encoder: SigLIP's has both of its towers. */
export const STAGE3_ENCODER_FILES: Readonly<Record<keyof EncoderSizes, string>> = {
  siglip: STAGE3_FILES.siglip,
  siglipText: STAGE3_FILES.siglip,
  resnet: STAGE3_FILES.resnet,
  text: STAGE3_FILES.text,
};

/** Prefixes of the encoders' keys in their files. */
export const STAGE3_PREFIXES = { siglip: 'vision_model.', siglipText: 'text_model.', resnet: '', text: '' } as const;

/** Keys of the two numbers with which SigLIP makes logits of cosines: the logarithm of a factor, and a bias */
export const SIGLIP_LOGIT_KEYS = { logScale: 'logit_scale', bias: 'logit_bias' } as const;

/** The token that fills SigLIP's texts; it is also the one that ends them. */
export const SIGLIP_PAD_TOKEN = 1;

/** Attention heads of all transformers, which their weights do not tell */
export const STAGE3_HEADS = 12;

/** Sizes of the published encoders. */
export const STAGE3_SIZES: EncoderSizes = {
  siglip: { width: 768, layers: 12, heads: STAGE3_HEADS, hidden: 3072, patchSize: 16, imageSize: 224 },
  siglipText: {
    width: 768,
    layers: 12,
    heads: STAGE3_HEADS,
    hidden: 3072,
    vocabulary: 32_000,
    positions: 64,
    features: 768,
  },
  resnet: { stem: 64, planes: [64, 128, 256, 512], blocks: [3, 4, 6, 3] },
  text: { width: 384, layers: 6, heads: STAGE3_HEADS, hidden: 1536, vocabulary: 30_522, positions: 512, tokenTypes: 2 },
};

export interface EncoderSizes {
  readonly siglip: SiglipSizes;
  readonly siglipText: SiglipTextSizes;
  readonly resnet: ResnetSizes;
  readonly text: BertSizes;
}

const SIGLIP = 'google/siglip-base-patch16-224';
const MINILM = 'sentence-transformers/all-MiniLM-L6-v2';

/** Files to download from the hub. The revision is a branch; the hashes in model.json tell which version came. */
export const STAGE3_HUB_FILES: readonly HubFile[] = [
  { repo: SIGLIP, revision: 'main', path: 'model.safetensors', fileName: STAGE3_FILES.siglip },
  { repo: SIGLIP, revision: 'main', path: 'tokenizer.json', fileName: STAGE3_FILES.labelTokenizer },
  { repo: 'timm/resnet50.a1_in1k', revision: 'main', path: 'model.safetensors', fileName: STAGE3_FILES.resnet },
  { repo: MINILM, revision: 'main', path: 'model.safetensors', fileName: STAGE3_FILES.text },
  { repo: MINILM, revision: 'main', path: 'tokenizer.json', fileName: STAGE3_FILES.tokenizer },
];
