import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { assertGolden } from '../../embedding/golden/golden-check.ts';
import { readGoldenPanels } from '../../embedding/golden/golden-panels.ts';
import { findModel, listModelNames, modelRoots } from '../../model/model-folders.ts';
import { createServices, type Services } from '../../services.ts';
import { createProgressBar } from '../progress-bar.ts';

export async function listModelsCommand(config: Config): Promise<void> {
  const roots = modelRoots(config.home);
  for (const name of await listModelNames(roots)) {
    const { id, space, folder, spec } = await findModel(name, roots);
    process.stdout.write(`${id}\t${spec.dimensions} dimensions\tspace ${space}\t${folder}\n`);
  }
}

/** Checks all files, loads each model and compares golden vectors. @throws PanelvecError at the first failure */
export async function verifyModelsCommand(config: Config, names: readonly string[]): Promise<void> {
  const modelNames = names.length > 0 ? names : await listModelNames(modelRoots(config.home));
  const log = pino({ level: 'silent' });
  const bar = createProgressBar('verifying', modelNames.length);
  const lines: string[] = [];
  try {
    for (const name of modelNames) {
      const services = await createServices({ ...config, models: [name] }, log);
      try {
        lines.push(await verifyModel(services));
      } finally {
        await services.pool.stop();
      }
      bar.increment();
    }
  } finally {
    bar.stop();
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
}

async function verifyModel({ models, pool }: Services): Promise<string> {
  const served = models.find(undefined);
  const { model } = served;
  const golden = await readGoldenPanels(model);
  const goldenSummary =
    golden.length === 0
      ? 'no golden vectors'
      : `${golden.length} golden vectors, smallest cosine ${(await assertGolden(pool, served, golden)).toFixed(6)}`;
  const files = Object.keys(model.spec.files).length;
  const provider = pool.engines[0]?.info?.provider;
  return `${model.id} ok: ${files} files, runs on ${provider}, ${goldenSummary}`;
}
