import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config.ts';
import { PanelvecError } from '../../errors.ts';
import { lockFolder } from '../../huggingface/folder-lock.ts';
import { pullFiles } from '../../huggingface/pull.ts';
import { assertNameIsFree, buildModel, linkFile } from '../../model/model-builder.ts';
import { homeModelsFolder } from '../../model/model-folders.ts';
import { assembleStage3Base } from '../../model-tools/stage3-base/assemble-stage3-base.ts';
import { seedEncoders } from '../../model-tools/stage3-base/seeded-encoders.ts';
import {
  STAGE3_BASE,
  STAGE3_FILES,
  STAGE3_HUB_FILES,
  STAGE3_SIZES,
} from '../../model-tools/stage3-base/stage3-files.ts';
import { describeModel } from '../describe-model.ts';
import { createProgressBar, type ProgressBar } from '../progress-bar.ts';

const PARALLEL_DOWNLOADS = 4;

/** Downloads the pretrained encoders. Continues where an earlier run was interrupted. @throws PanelvecError */
export async function pullModelCommand({ home, hubEndpoint, hubToken }: Config, name: string): Promise<void> {
  assertKnownModel(name);
  const root = homeModelsFolder(home);
  assertNameIsFree(root, name);
  const downloads = path.join(home, 'downloads', name);
  // Created when the size is known: a started bar keeps the process alive until it is stopped.
  let bar: ProgressBar | undefined;
  const progress = {
    setTotal: (bytes: number) => {
      bar = createProgressBar('downloading', bytes, 'bytes');
    },
    advance: (bytes: number) => bar?.increment(bytes),
  };
  const settings = { endpoint: hubEndpoint, token: hubToken, parallel: PARALLEL_DOWNLOADS };
  await using _ = await lockFolder(downloads);
  await pullFiles(STAGE3_HUB_FILES, downloads, settings, progress).finally(() => bar?.stop());
  const model = await buildModel(root, name, async (folder) => {
    for (const { fileName } of STAGE3_HUB_FILES)
      await linkFile(path.join(downloads, fileName), path.join(folder, fileName));
    return assembleStage3Base(folder, 'SigLIP, ResNet50 and MiniLM as published, with an untrained head');
  });
  await rm(downloads, { recursive: true, force: true });
  process.stdout.write(`${describeModel(model)}\n`);
}

/** Creates encoders of full size with random weights, without a hub. @throws PanelvecError */
export async function initModelCommand({ home }: Config, name: string, { seed }: { seed: number }): Promise<void> {
  assertKnownModel(name);
  const bar = createProgressBar('seeding', Object.keys(STAGE3_FILES).length);
  const model = await buildModel(homeModelsFolder(home), name, async (folder) => {
    await seedEncoders(folder, STAGE3_SIZES, seed, () => bar.increment());
    return assembleStage3Base(
      folder,
      `Encoders of full size with random weights (seed ${seed}), for benchmarks: the vectors mean nothing`,
    );
  }).finally(() => bar.stop());
  process.stdout.write(`${describeModel(model)}\n`);
}

function assertKnownModel(name: string): void {
  if (name === STAGE3_BASE) return;
  throw new PanelvecError('invalid_request', `"${name}" is not known here: there is ${STAGE3_BASE}`, { param: 'name' });
}
