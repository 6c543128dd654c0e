import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config.ts';
import { PanelvecError } from '../errors.ts';
import { lockFolder } from '../hub/lock.ts';
import { pullFiles } from '../hub/pull.ts';
import { assertNew, buildModel, linkFile } from '../model/model-builder.ts';
import { homeModels } from '../model/model-folders.ts';
import { assemble } from '../model/stage3-base/assemble.ts';
import { FILES, FULL_SIZES, HUB_FILES, STAGE3_BASE } from '../model/stage3-base/files.ts';
import { seedEncoders } from '../model/stage3-base/seeded.ts';
import { describe } from './describe-model.ts';
import { type ProgressBar, progressBar } from './progress.ts';

const PARALLEL_DOWNLOADS = 4;

/** Brings the pretrained encoders. Interrupted, it goes on where it was. @throws PanelvecError */
export async function pullCommand({ home, hubEndpoint, hubToken }: Config, name: string): Promise<void> {
  assertKnown(name);
  const root = homeModels(home);
  assertNew(root, name);
  const downloads = path.join(home, 'downloads', name);
  // Made once the size is known: a bar that is started keeps the process alive until it is stopped.
  let bar: ProgressBar | undefined;
  const progress = {
    total: (bytes: number) => {
      bar = progressBar('downloading', bytes, 'bytes');
    },
    advance: (bytes: number) => bar?.step(bytes),
  };
  const settings = { endpoint: hubEndpoint, token: hubToken, parallel: PARALLEL_DOWNLOADS };
  await using _ = await lockFolder(downloads);
  await pullFiles(HUB_FILES, downloads, settings, progress).finally(() => bar?.stop());
  const model = await buildModel(root, name, async (folder) => {
    for (const { as } of HUB_FILES) await linkFile(path.join(downloads, as), path.join(folder, as));
    return assemble(folder, 'SigLIP, ResNet50 and MiniLM as published, with a seeded head that nothing has trained');
  });
  await rm(downloads, { recursive: true, force: true });
  process.stdout.write(`${describe(model)}\n`);
}

/** Makes encoders of full size without a hub. @throws PanelvecError */
export async function initCommand({ home }: Config, name: string, { seed }: { seed: number }): Promise<void> {
  assertKnown(name);
  const bar = progressBar('seeding', Object.keys(FILES).length);
  const model = await buildModel(homeModels(home), name, async (folder) => {
    await seedEncoders(folder, FULL_SIZES, seed, () => bar.step());
    return assemble(
      folder,
      `Encoders of full size with seeded weights (${seed}): for measuring, its vectors mean nothing`,
    );
  }).finally(() => bar.stop());
  process.stdout.write(`${describe(model)}\n`);
}

function assertKnown(name: string): void {
  if (name === STAGE3_BASE) return;
  throw new PanelvecError('invalid_request', `"${name}" is not known here: there is ${STAGE3_BASE}`, { param: 'name' });
}
