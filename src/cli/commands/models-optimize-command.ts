import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { drawPicture } from '../../embedding/golden/draw-picture.ts';
import { PanelvecError, withParam } from '../../errors.ts';
import { type Model, verifyFiles } from '../../model/model.ts';
import { assertNameIsFree, buildModel, linkFile } from '../../model/model-builder.ts';
import { findModel, homeModelsFolder, modelRoots } from '../../model/model-folders.ts';
import { type PictureFormat, requiredFiles } from '../../model/model-spec.ts';
import type { Precision } from '../../model/spec-fields.ts';
import { type EngineInput, type ModelAgreement, measureAgreement } from '../../model-tools/model-agreement.ts';
import { withPrecision } from '../../model-tools/with-precision.ts';
import { decodePicture } from '../../preprocess/image/decode-image.ts';
import type { TextTokenizer } from '../../preprocess/text-tokenizer.ts';
import { createServices } from '../../services.ts';
import { SeededRandom } from '../../util/seeded-random.ts';
import { describeModel } from '../describe-model.ts';

/** Minimum cosines between the vectors of the original and the optimized model */
const MIN_MEAN_COSINE = 0.995;
const MIN_COSINE = 0.98;

/** Number of generated images, if no images are given */
const PATTERN_COUNT = 16;
const SAMPLE_TEXTS = [
  'The lighthouse keeper looks out to sea.',
  'Where is everybody? It is raining again!',
  'BOOM!',
  'A cat sleeps on a pile of nets by the pier, while the gulls argue about a fish.',
  '"I never said that," she whispered, and closed the door behind her.',
  'Meanwhile, on the other side of the island...',
  'Yes.',
  'Three small panels without words, then a wide one: the whole harbour under the moon, boats, masts, a single lamp.',
];

export interface OptimizeFlags {
  readonly precision: Precision;
  readonly name?: string;
  readonly images?: readonly string[];
}

/** Adds the same model in another precision. @throws PanelvecError, and adds nothing, if their vectors differ too much */
export async function optimizeModelCommand(config: Config, source: string, flags: OptimizeFlags): Promise<void> {
  const original = await findModel(source, modelRoots(config.home));
  const name = flags.name ?? `${original.spec.name}-${flags.precision}`;
  const definition = withPrecision(original.spec, name, flags.precision);
  assertNameIsFree(homeModelsFolder(config.home), name);
  await verifyFiles(original);
  const images = await readImages(config, original, flags.images ?? []);
  const fillFolder = async (folder: string) => {
    for (const file of requiredFiles(definition)) {
      await linkFile(path.join(original.folder, file), path.join(folder, file));
    }
    return definition;
  };
  const lines: string[] = [];
  const model = await buildModel(homeModelsFolder(config.home), name, fillFolder, async (optimized) => {
    for (const result of await compareModels(config, original, optimized, images)) {
      lines.push(assertClose(result, flags.precision));
    }
  });
  process.stdout.write(`${[describeModel(model), ...lines].join('\n')}\n`);
}

function assertClose(
  { output, meanCosine: mean, minCosine: minimum, count }: ModelAgreement,
  precision: Precision,
): string {
  const summary = `${output}: cosine to fp32 ${mean.toFixed(5)} on average, ${minimum.toFixed(5)} at least, of ${count}`;
  if (mean >= MIN_MEAN_COSINE && minimum >= MIN_COSINE) return summary;
  const message = `${precision} changes the vectors too much (${summary}; needed ${MIN_MEAN_COSINE} and ${MIN_COSINE})`;
  throw new PanelvecError('model_invalid', message);
}

async function compareModels(
  config: Config,
  original: Model,
  optimized: Model,
  images: readonly EngineInput[],
): Promise<ModelAgreement[]> {
  const services = await createServices(
    { ...config, models: [original.folder, optimized.folder] },
    pino({ level: 'silent' }),
  );
  try {
    const texts = toTextPanels(original, services.models.find(original.id).tokenizer);
    const imagesWithText = images.map((image, i) => ({ ...image, tokens: texts[i % texts.length]?.tokens ?? null }));
    return [
      await measureAgreement(services.pool, [original, optimized], images, 'vision'),
      await measureAgreement(services.pool, [original, optimized], texts, 'text'),
      await measureAgreement(services.pool, [original, optimized], imagesWithText, 'fused'),
    ];
  } finally {
    await services.pool.stop();
  }
}

async function readImages(config: Config, { spec }: Model, files: readonly string[]): Promise<EngineInput[]> {
  const toPanel = (pixels: Uint8Array): EngineInput => ({ pixels, tokens: null, composition: null });
  if (files.length === 0)
    return Array.from({ length: PATTERN_COUNT }, (_, i) => toPanel(drawPicture(i + 1, spec.vision)));
  const panels: EngineInput[] = [];
  for (const file of files) panels.push(toPanel(await readImage(file, spec.vision, config)));
  return panels;
}

async function readImage(file: string, format: PictureFormat, config: Config): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new PanelvecError('image_unreadable', (cause as Error).message, { param: file, cause });
  });
  return decodePicture(bytes, format, config).catch((error: unknown) => {
    throw withParam(error, file);
  });
}

/** Panels of sample texts. Without a tokenizer their tokens are random, one for each character of the text. */
function toTextPanels({ spec }: Model, tokenizer: TextTokenizer | undefined): EngineInput[] {
  const random = new SeededRandom(1);
  const { vocabulary = 1, max_tokens: maxTokens } = spec.text;
  const drawTokens = ({ length }: string) =>
    Int32Array.from({ length: Math.min(length, maxTokens) }, () => Math.floor(random.uniform() * vocabulary));
  return SAMPLE_TEXTS.map((text) => ({
    pixels: null,
    tokens: tokenizer === undefined ? drawTokens(text) : tokenizer.encode(text).tokens,
    composition: null,
  }));
}
