import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import type { Config } from '../config.ts';
import { atParam, PanelvecError } from '../errors.ts';
import type { EngineItem, Output } from '../inference/contract.ts';
import { patternPixels } from '../model/golden.ts';
import { type Model, verifyFiles } from '../model/model.ts';
import { buildModel, linkFile } from '../model/model-builder.ts';
import { findModel, homeModels, modelRoots } from '../model/model-folders.ts';
import { type Precision, requiredFiles } from '../model/model-spec.ts';
import { withPrecision } from '../model/precision/with-precision.ts';
import { decodeSquare } from '../preprocess/image/decode.ts';
import type { TextTokenizer } from '../preprocess/text.ts';
import { createServices, type Services } from '../services.ts';
import { cosine } from '../vectors/cosine.ts';
import { describe } from './models-import.ts';

/** Under these a model is another model. */
const SMALLEST_MEAN = 0.995;
const SMALLEST = 0.98;

/** Pictures and texts that are compared where none are given. */
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

/** Cosines between the vectors of a model and of its optimised form. */
interface Agreement {
  readonly output: Output;
  readonly mean: number;
  readonly smallest: number;
  readonly count: number;
}

/**
 * Makes the same model in another precision, beside the first. Nothing is kept where their vectors are too far apart.
 * @throws PanelvecError
 */
export async function optimizeCommand(config: Config, source: string, flags: OptimizeFlags): Promise<void> {
  const original = await findModel(source, modelRoots(config.home));
  await verifyFiles(original);
  const name = flags.name ?? `${original.spec.name}-${flags.precision}`;
  const parts = withPrecision(original.spec, name, flags.precision);
  const fill = async (folder: string) => {
    for (const file of requiredFiles(parts)) {
      await linkFile(path.join(original.folder, file), path.join(folder, file));
    }
    return parts;
  };
  const lines: string[] = [];
  const model = await buildModel(homeModels(config.home), name, fill, async (built) => {
    for (const agreement of await compare(config, original, built, flags.images ?? [])) {
      lines.push(assertClose(agreement, flags.precision));
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

async function compare(config: Config, a: Model, b: Model, images: readonly string[]): Promise<Agreement[]> {
  const models = [a.folder, b.folder];
  const services = await createServices({ ...config, models }, pino({ level: 'silent' }));
  try {
    const { tokenizer } = services.models.get(a.id);
    const pictures = await readPictures(config, a, images);
    const texts = tokenizer === undefined ? [] : TEXTS.map((text) => words(tokenizer, text));
    const agreements: Agreement[] = [];
    for (const [output, items] of [
      ['vision', pictures],
      ['text', texts],
    ] as const) {
      if (items.length === 0) continue;
      const cosines = await Promise.all(
        items.map((item) => cosineOf(services, [a, b], { ...item, outputs: [output] })),
      );
      const mean = cosines.reduce((x, y) => x + y) / cosines.length;
      agreements.push({ output, mean, smallest: Math.min(...cosines), count: cosines.length });
    }
    return agreements;
  } finally {
    await services.pool.stop();
  }
}

type Item = Omit<EngineItem, 'outputs'>;

async function readPictures(config: Config, { spec }: Model, files: readonly string[]): Promise<Item[]> {
  const size = spec.vision.image_size;
  const drawn = Array.from({ length: PATTERNS }, (_, at) => patternPixels(at + 1, size));
  const pixels = files.length === 0 ? drawn : await Promise.all(files.map((file) => readPicture(file, size, config)));
  return pixels.map((image) => ({ pixels: image, tokens: null, composition: null }));
}

async function readPicture(file: string, size: number, config: Config): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new PanelvecError('image_unreadable', (cause as Error).message, { param: file, cause });
  });
  return decodeSquare(bytes, size, config).catch((error: unknown) => {
    throw atParam(error, file);
  });
}

function words(tokenizer: TextTokenizer, text: string): Item {
  return { pixels: null, tokens: tokenizer.encode(text).tokens, composition: null };
}

async function cosineOf({ pool }: Services, models: readonly [Model, Model], item: EngineItem): Promise<number> {
  const [output] = item.outputs;
  const [a, b] = await Promise.all(models.map(({ id }) => pool.run(id, item)));
  return cosine(a!.vectors[output!]!, b!.vectors[output!]!);
}
