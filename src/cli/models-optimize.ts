import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import type { Config } from '../config.ts';
import { type Agreement, agreement, type Panel } from '../embedding/agreement.ts';
import { atParam, PanelvecError } from '../errors.ts';
import { patternPixels } from '../model/golden.ts';
import { SeededRandom } from '../model/head/seeded-random.ts';
import { type Model, verifyFiles } from '../model/model.ts';
import { assertNew, buildModel, linkFile } from '../model/model-builder.ts';
import { findModel, homeModels, modelRoots } from '../model/model-folders.ts';
import { type Precision, requiredFiles } from '../model/model-spec.ts';
import { withPrecision } from '../model/precision/with-precision.ts';
import { decodeSquare } from '../preprocess/image/decode.ts';
import type { TextTokenizer } from '../preprocess/text.ts';
import { createServices } from '../services.ts';
import { describe } from './describe-model.ts';

/** Under these a model is another model. */
const SMALLEST_MEAN = 0.995;
const SMALLEST = 0.98;

/** What is compared where nothing is given. */
const PATTERNS = 16;
const TEXTS = [
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

/**
 * Makes the same model in another precision, beside the first. Nothing is kept where their vectors are too far apart.
 * @throws PanelvecError
 */
export async function optimizeCommand(config: Config, source: string, flags: OptimizeFlags): Promise<void> {
  const original = await findModel(source, modelRoots(config.home));
  const name = flags.name ?? `${original.spec.name}-${flags.precision}`;
  const parts = withPrecision(original.spec, name, flags.precision);
  assertNew(homeModels(config.home), name);
  await verifyFiles(original);
  const pictures = await readPictures(config, original, flags.images ?? []);
  const fill = async (folder: string) => {
    for (const file of requiredFiles(parts)) {
      await linkFile(path.join(original.folder, file), path.join(folder, file));
    }
    return parts;
  };
  const lines: string[] = [];
  const model = await buildModel(homeModels(config.home), name, fill, async (built) => {
    for (const measured of await compare(config, original, built, pictures)) {
      lines.push(assertClose(measured, flags.precision));
    }
  });
  process.stdout.write(`${[describe(model), ...lines].join('\n')}\n`);
}

function assertClose({ output, mean, smallest, count }: Agreement, precision: Precision): string {
  const measured = `${output}: cosine to fp32 ${mean.toFixed(5)} on average, ${smallest.toFixed(5)} at least, of ${count}`;
  if (mean >= SMALLEST_MEAN && smallest >= SMALLEST) return measured;
  const message = `${precision} changes the vectors too much (${measured}; needed ${SMALLEST_MEAN} and ${SMALLEST})`;
  throw new PanelvecError('model_invalid', message);
}

async function compare(config: Config, a: Model, b: Model, pictures: readonly Panel[]): Promise<Agreement[]> {
  const services = await createServices({ ...config, models: [a.folder, b.folder] }, pino({ level: 'silent' }));
  try {
    const texts = textPanels(a, services.models.get(a.id).tokenizer);
    const whole = pictures.map((picture, at) => ({ ...picture, tokens: texts[at % texts.length]!.tokens }));
    return [
      await agreement(services.pool, [a, b], pictures, 'vision'),
      await agreement(services.pool, [a, b], texts, 'text'),
      await agreement(services.pool, [a, b], whole, 'fused'),
    ];
  } finally {
    await services.pool.stop();
  }
}

async function readPictures(config: Config, { spec }: Model, files: readonly string[]): Promise<Panel[]> {
  const size = spec.vision.image_size;
  const panel = (pixels: Uint8Array): Panel => ({ pixels, tokens: null, composition: null });
  if (files.length === 0) return Array.from({ length: PATTERNS }, (_, at) => panel(patternPixels(at + 1, size)));
  const panels: Panel[] = [];
  for (const file of files) panels.push(panel(await readPicture(file, size, config)));
  return panels;
}

async function readPicture(file: string, size: number, config: Config): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new PanelvecError('image_unreadable', (cause as Error).message, { param: file, cause });
  });
  return decodeSquare(bytes, size, config).catch((error: unknown) => {
    throw atParam(error, file);
  });
}

/** Texts as token ids; without a tokenizer any ids that the encoder knows, as many as the texts have letters. */
function textPanels({ spec }: Model, tokenizer: TextTokenizer | undefined): Panel[] {
  const random = new SeededRandom(1);
  const { vocabulary = 1, max_tokens: longest } = spec.text;
  const drawn = ({ length }: string) =>
    Int32Array.from({ length: Math.min(length, longest) }, () => Math.floor(random.uniform() * vocabulary));
  return TEXTS.map((text) => ({
    pixels: null,
    tokens: tokenizer === undefined ? drawn(text) : tokenizer.encode(text).tokens,
    composition: null,
  }));
}
