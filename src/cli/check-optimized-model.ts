import { pino } from 'pino';
import type { Config } from '../config.ts';
import { PanelvecError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { Precision } from '../model/spec-fields.ts';
import { measureSpeedup } from '../model-tools/compare-encoders.ts';
import {
  computeVectors,
  type EngineInput,
  type ModelAgreement,
  measureAgreement,
} from '../model-tools/model-agreement.ts';
import { measureSnapshotRetrieval } from '../model-tools/snapshot-retrieval.ts';
import { TEXT_PART } from '../model-tools/with-precision.ts';
import type { TextTokenizer } from '../preprocess/text-tokenizer.ts';
import { createServices, type Services } from '../services.ts';
import { SeededRandom } from '../util/seeded-random.ts';
import type { CalibrationPicture } from './calibration-pictures.ts';

/** Minimum cosines between the vectors of the original and the optimized model */
const MIN_MEAN_COSINE = 0.995;
const MIN_COSINE = 0.98;
/** Maximum loss of retrieval, as a share of what the original finds */
const MAX_RETRIEVAL_LOSS = 0.005;
/** What `auto` takes for faster */
const MIN_SPEEDUP = 1.05;

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

/** An encoder that must not change: without it, or with it as it was, the others may pass. */
export class RejectedEncoderError extends PanelvecError {
  readonly part: string;

  constructor(part: string, message: string) {
    super('model_invalid', message);
    this.name = 'RejectedEncoderError';
    this.part = part;
  }
}

export interface OptimizedModelCheck {
  readonly precision: Precision;
  /** Whether an encoder that is no faster is rejected */
  readonly needsSpeed: boolean;
  /** Names of the encoders that changed, at least one */
  readonly changed: readonly string[];
  /** Pictures that the vectors are compared on */
  readonly pictures: readonly Uint8Array[];
  /** Panels that snapshots are searched among, none where there is no dataset */
  readonly gallery: readonly CalibrationPicture[];
}

/**
 * Measures a model in another precision against the original: speed, cosines of the vectors, and how well snapshots find pictures.
 * @returns what was measured, line by line
 * @throws RejectedEncoderError if the vectors differ too much
 */
export async function checkOptimizedModel(
  config: Config,
  [original, optimized]: readonly [Model, Model],
  check: OptimizedModelCheck,
): Promise<string[]> {
  const services = await createServices(
    { ...config, models: [original.folder, optimized.folder] },
    pino({ level: 'silent' }),
  );
  try {
    const texts = toTextPanels(original, services.models.find(original.id).tokenizer);
    return [
      ...(await compareSpeed([original, optimized], check, texts)),
      ...(await compareVectors(services, [original, optimized], check, texts)),
      ...(await compareRetrieval(services, [original, optimized], check)),
    ];
  } finally {
    await services.pool.stop();
  }
}

async function compareSpeed(
  models: readonly [Model, Model],
  { precision, needsSpeed, changed, pictures }: OptimizedModelCheck,
  texts: readonly EngineInput[],
): Promise<string[]> {
  // Half precision is for GPUs: what it takes on the CPU says nothing.
  if (precision === 'fp16') return [];
  const lines: string[] = [];
  const inputs = { pictures, texts: texts.flatMap(({ tokens }) => tokens ?? []) };
  for (const part of changed) {
    const speedup = await measureSpeedup(models, part, inputs);
    const line = `${part}: ${precision} is ${speedup.toFixed(2)} times as fast as fp32 on one thread`;
    if (needsSpeed && speedup < MIN_SPEEDUP) throw new RejectedEncoderError(part, line);
    lines.push(line);
  }
  return lines;
}

async function compareVectors(
  { pool }: Services,
  models: readonly [Model, Model],
  { precision, changed, pictures }: OptimizedModelCheck,
  texts: readonly EngineInput[],
): Promise<string[]> {
  const images = pictures.map(toPanel);
  const imagesWithText = images.map((image, i) => ({ ...image, tokens: texts[i % texts.length]?.tokens ?? null }));
  const visual = changed.find((part) => part !== TEXT_PART) ?? TEXT_PART;
  const textual = changed.includes(TEXT_PART) ? TEXT_PART : visual;
  return [
    assertClose(await measureAgreement(pool, models, images, 'vision'), precision, visual),
    assertClose(await measureAgreement(pool, models, texts, 'text'), precision, textual),
    assertClose(await measureAgreement(pool, models, imagesWithText, 'fused'), precision, textual),
  ];
}

function assertClose(
  { output, meanCosine: mean, minCosine: minimum, count }: ModelAgreement,
  precision: Precision,
  part: string,
): string {
  const summary = `${output}: cosine to fp32 ${mean.toFixed(5)} on average, ${minimum.toFixed(5)} at least, of ${count}`;
  if (mean >= MIN_MEAN_COSINE && minimum >= MIN_COSINE) return summary;
  const message = `${precision} changes the vectors too much (${summary}; needed ${MIN_MEAN_COSINE} and ${MIN_COSINE})`;
  throw new RejectedEncoderError(part, message);
}

async function compareRetrieval(
  { pool }: Services,
  [original, optimized]: readonly [Model, Model],
  { precision, changed, gallery }: OptimizedModelCheck,
): Promise<string[]> {
  const part = changed.find((name) => name !== TEXT_PART);
  if (part === undefined || gallery.length === 0) return [];
  const measure = async (model: Model) => {
    const embed = (pixels: readonly Uint8Array[]) => computeVectors(pool, model, pixels.map(toPanel), 'vision');
    const pictures = await embed(gallery.map(({ picture }) => picture));
    return measureSnapshotRetrieval(pictures, await embed(gallery.map(({ snapshot }) => snapshot)));
  };
  const [before, after] = [await measure(original), await measure(optimized)];
  const summary = `snapshots among ${before.count} pictures: MRR ${after.mrr.toFixed(4)}, in fp32 ${before.mrr.toFixed(4)}; recall@1 ${after.recallAt1.toFixed(4)}, in fp32 ${before.recallAt1.toFixed(4)}`;
  // One picture more or less is chance, where there are few.
  const maxLoss = (value: number) => Math.max(MAX_RETRIEVAL_LOSS * value, 1 / before.count);
  const isWorse = (was: number, is: number) => was - is > maxLoss(was) + 1e-9;
  if (isWorse(before.mrr, after.mrr) || isWorse(before.recallAt1, after.recallAt1)) {
    throw new RejectedEncoderError(part, `${precision} finds less (${summary})`);
  }
  return [summary];
}

function toPanel(pixels: Uint8Array): EngineInput {
  return { pixels, tokens: null, composition: null };
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
