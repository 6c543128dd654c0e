import { pino } from 'pino';
import type { Config } from '../config.ts';
import { PanelvecError } from '../errors.ts';
import { decodeVector, type GoldenPanel, patternPixels, readGoldenPanels } from '../model/golden.ts';
import { findModel, listModelNames, modelRoots } from '../model/model-folders.ts';
import { createServices, type Services } from '../services.ts';
import { cosine } from '../vectors/cosine.ts';
import { progressBar } from './progress.ts';

/** Below this a device does not compute the model that was shipped. */
const SMALLEST_COSINE = 0.999;

export async function listModels(config: Config): Promise<void> {
  const roots = modelRoots(config.home);
  for (const name of await listModelNames(roots)) {
    const { id, space, folder, spec } = await findModel(name, roots);
    process.stdout.write(`${id}\t${spec.dimensions} dimensions\tspace ${space}\t${folder}\n`);
  }
}

/** Hashes every file, warms every session, and compares known answers. @throws PanelvecError at the first that fails */
export async function verifyModels(config: Config, names: readonly string[]): Promise<void> {
  const chosen = names.length > 0 ? names : await listModelNames(modelRoots(config.home));
  const log = pino({ level: 'silent' });
  const bar = progressBar('verifying', chosen.length);
  const lines: string[] = [];
  try {
    for (const name of chosen) {
      const services = await createServices({ ...config, models: [name] }, log);
      try {
        lines.push(await verifyModel(services));
      } finally {
        await services.pool.stop();
      }
      bar.step();
    }
  } finally {
    bar.stop();
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
}

async function verifyModel(services: Services): Promise<string> {
  const { model } = services.models.get(undefined);
  const golden = await readGoldenPanels(model);
  const cosines = await Promise.all(golden.map((panel) => cosineOf(services, panel)));
  const smallest = Math.min(1, ...cosines);
  if (!(smallest >= SMALLEST_COSINE)) {
    throw new PanelvecError(
      'model_invalid',
      `${model.id}: a golden vector has the cosine ${smallest}, under ${SMALLEST_COSINE}`,
    );
  }
  const files = Object.keys(model.spec.files).length;
  const known =
    golden.length === 0
      ? 'no golden vectors'
      : `${golden.length} golden vectors, smallest cosine ${smallest.toFixed(6)}`;
  const provider = services.pool.engines[0]!.info!.provider;
  return `${model.id} ok: ${files} files, runs on ${provider}, ${known}`;
}

async function cosineOf({ models, pool }: Services, golden: GoldenPanel): Promise<number> {
  const { model, tokenizer } = models.get(undefined);
  const { vectors } = await pool.run(model.id, {
    pixels: golden.pattern === null ? null : patternPixels(golden.pattern, model.spec.vision.image_size),
    tokens: golden.text === null ? null : (tokenizer?.encode(golden.text).tokens ?? null),
    composition: golden.composition && Float32Array.from(golden.composition),
    outputs: ['fused'],
  });
  return cosine(vectors.fused!, decodeVector(golden.fused));
}
