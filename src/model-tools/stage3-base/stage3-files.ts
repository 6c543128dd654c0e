import type { BertSizes } from '../../architectures/backbones/bert.ts';
import type { ResnetSizes } from '../../architectures/backbones/resnet.ts';
import type { SiglipSizes } from '../../architectures/backbones/siglip.ts';
import type { HubFile } from '../../huggingface/hub-file.ts';

/** Name of the model with the pretrained encoders of the original Stage 3 model. */
export const STAGE3_BASE = 'stage3-base';

/** Files in the model's folder. */
export const STAGE3_FILES = {
  siglip: 'siglip.safetensors',
  resnet: 'resnet.safetensors',
  text: 'minilm.safetensors',
  tokenizer: 'tokenizer.json',
  head: 'head.safetensors',
} as const;

/** Prefixes of the encoders' keys in their files. SigLIP's file also holds a text encoder. */
export const STAGE3_PREFIXES = { siglip: 'vision_model.', resnet: '', text: '' } as const;

/** Attention heads of both transformers, which their weights do not tell */
export const STAGE3_HEADS = 12;

/** Sizes of the published encoders. */
export const STAGE3_SIZES: EncoderSizes = {
  siglip: { width: 768, layers: 12, heads: STAGE3_HEADS, hidden: 3072, patchSize: 16, imageSize: 224 },
  resnet: { stem: 64, planes: [64, 128, 256, 512], blocks: [3, 4, 6, 3] },
  text: { width: 384, layers: 6, heads: STAGE3_HEADS, hidden: 1536, vocabulary: 30_522, positions: 512, tokenTypes: 2 },
};

export interface EncoderSizes {
  readonly siglip: SiglipSizes;
  readonly resnet: ResnetSizes;
  readonly text: BertSizes;
}

const MINILM = 'sentence-transformers/all-MiniLM-L6-v2';

/** Files to download from the hub. The revision is a branch; the hashes in model.json tell which version came. */
export const STAGE3_HUB_FILES: readonly HubFile[] = [
  {
    repo: 'google/siglip-base-patch16-224',
    revision: 'main',
    path: 'model.safetensors',
    fileName: STAGE3_FILES.siglip,
  },
  { repo: 'timm/resnet50.a1_in1k', revision: 'main', path: 'model.safetensors', fileName: STAGE3_FILES.resnet },
  { repo: MINILM, revision: 'main', path: 'model.safetensors', fileName: STAGE3_FILES.text },
  { repo: MINILM, revision: 'main', path: 'tokenizer.json', fileName: STAGE3_FILES.tokenizer },
];
