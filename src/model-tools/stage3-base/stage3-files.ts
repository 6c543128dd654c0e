import type { BertSizes } from '../../architectures/backbones/bert.ts';
import type { ResnetSizes } from '../../architectures/backbones/resnet.ts';
import type { SiglipSizes } from '../../architectures/backbones/siglip.ts';
import type { HubFile } from '../../huggingface/hub-file.ts';

/** The pretrained encoders of the original Stage 3 model. */
export const STAGE3_BASE = 'stage3-base';

/** Files of the model's folder. */
export const STAGE3_FILES = {
  siglip: 'siglip.safetensors',
  resnet: 'resnet.safetensors',
  text: 'minilm.safetensors',
  tokenizer: 'tokenizer.json',
  head: 'head.safetensors',
} as const;

/** What stands before the keys of each encoder in its file: SigLIP's holds a text tower too. */
export const STAGE3_PREFIXES = { siglip: 'vision_model.', resnet: '', text: '' } as const;

/** Neither width nor anything else in the weights tells it. */
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

/** Where the hub keeps them. A branch, so what came is known by the hashes in model.json. */
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
