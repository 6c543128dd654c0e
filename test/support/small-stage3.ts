import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Model } from '../../src/model/model.ts';
import { buildModel } from '../../src/model/model-builder.ts';
import { homeModelsFolder } from '../../src/model/model-folders.ts';
import { assembleStage3Base } from '../../src/model-tools/stage3-base/assemble-stage3-base.ts';
import { seedEncoders } from '../../src/model-tools/stage3-base/seeded-encoders.ts';
import { type EncoderSizes, STAGE3_BASE } from '../../src/model-tools/stage3-base/stage3-files.ts';
import { tinyTokenizer } from './tiny-model.ts';

/** Sizes of a small stage3-base: the same layers, but few and narrow */
export const SMALL_SIZES: EncoderSizes = {
  siglip: { width: 48, layers: 2, heads: 12, hidden: 96, patchSize: 16, imageSize: 64 },
  siglipText: { width: 48, layers: 2, heads: 12, hidden: 96, vocabulary: 200, positions: 24, features: 48 },
  resnet: { stem: 8, planes: [8, 16, 24, 32], blocks: [1, 2, 1, 1] },
  text: { width: 36, layers: 2, heads: 12, hidden: 64, vocabulary: 400, positions: 64, tokenTypes: 2 },
};

/** Few, because it takes long to make rows orthonormal */
const DIMENSIONS = 32;
const TOKENIZER = 'tokenizer.json';

/** Makes a home with a small stage3-base. @param withTokenizer whether it takes texts */
export async function makeSmallStage3({ withTokenizer = false } = {}): Promise<{
  home: string;
  model: Model;
  remove(): Promise<void>;
}> {
  const home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  const model = await buildModel(homeModelsFolder(home), STAGE3_BASE, async (folder) => {
    await seedEncoders(folder, SMALL_SIZES, 1);
    const parts = await assembleStage3Base(folder, 'small', DIMENSIONS);
    if (!withTokenizer) return parts;
    await writeFile(path.join(folder, TOKENIZER), JSON.stringify(tinyTokenizer()));
    return { ...parts, text: { ...parts.text, tokenizer: TOKENIZER } };
  });
  return { home, model, remove: () => rm(home, { recursive: true, force: true }) };
}
