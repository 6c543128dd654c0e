import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { PanelvecError } from '../../errors.ts';
import { findModel, listModelNames, modelRoots } from '../../model/model-folders.ts';
import { decodeVector, drawPicture, type GoldenPanel, readGoldenPanels } from '../../model-tools/golden-panels.ts';
import { createServices, type Services } from '../../services.ts';
import { cosineSimilarity } from '../../util/vectors.ts';
import { createProgressBar } from '../progress-bar.ts';

/** Minimum cosine to a golden vector. A lower one means that this device computes another model. */
const MIN_COSINE = 0.999;

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

async function verifyModel(services: Services): Promise<string> {
  const { model } = services.models.find(undefined);
  const golden = await readGoldenPanels(model);
  const cosines = await Promise.all(golden.map((panel) => computeGoldenCosine(services, panel)));
  const minCosine = Math.min(1, ...cosines);
  if (!(minCosine >= MIN_COSINE)) {
    throw new PanelvecError(
      'model_invalid',
      `${model.id}: the cosine to a golden vector is ${minCosine}, less than ${MIN_COSINE}`,
    );
  }
  const files = Object.keys(model.spec.files).length;
  const goldenSummary =
    golden.length === 0
      ? 'no golden vectors'
      : `${golden.length} golden vectors, smallest cosine ${minCosine.toFixed(6)}`;
  const provider = services.pool.engines[0]?.info?.provider;
  return `${model.id} ok: ${files} files, runs on ${provider}, ${goldenSummary}`;
}

async function computeGoldenCosine({ models, pool }: Services, golden: GoldenPanel): Promise<number> {
  const { model, tokenizer } = models.find(undefined);
  const { vectors } = await pool.run(model.id, {
    pixels: golden.pattern === null ? null : drawPicture(golden.pattern, model.spec.vision),
    tokens: golden.text === null ? null : (tokenizer?.encode(golden.text).tokens ?? null),
    composition: golden.composition && Float32Array.from(golden.composition),
    outputs: ['fused'],
  });
  if (!vectors.fused) throw new PanelvecError('inference_failed', `${model.id} gives a golden panel no fused vector`);
  return cosineSimilarity(vectors.fused, decodeVector(golden.fused));
}
