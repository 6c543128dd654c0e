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

/** stage3-base in miniature: the same layers, few and narrow. */
export const SMALL_SIZES: EncoderSizes = {
  siglip: { width: 48, layers: 2, heads: 12, hidden: 96, patchSize: 16, imageSize: 64 },
  resnet: { stem: 8, planes: [8, 16, 24, 32], blocks: [1, 2, 1, 1] },
  text: { width: 36, layers: 2, heads: 12, hidden: 64, vocabulary: 400, positions: 64, tokenTypes: 2 },
};

/** Few, because orthonormal rows take their time. */
const DIMENSIONS = 32;
const TOKENIZER = 'tokenizer.json';

/** @param reads whether it has a tokenizer, and takes words */
export async function makeSmallStage3({ reads: withTokenizer = false } = {}): Promise<{
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
