import { sessionOptionsFor, textBatchSizes, visualBatchSizes } from '../inference/engine/batch-sizes.ts';
import { TextEncoder } from '../inference/engine/text-encoder.ts';
import { VisualEncoder } from '../inference/engine/visual-encoder.ts';
import type { Model } from '../model/model.ts';
import { median } from '../util/arrays.ts';
import { TEXT_PART } from './with-precision.ts';

/** One thread: the ratio of two encoders is then that of their work, whatever else the machine does. */
const OPTIONS = { provider: 'cpu', device: 0, threads: 1 } as const;
const BATCH = 8;
const ROUNDS = 5;

/** Something that encodes the same inputs each time that it is called. */
type Run = () => Promise<unknown>;

/**
 * How many times as fast the encoder of another model is as that of the original: the median over rounds, in each of which both run,
 * of their processor times.
 * @param part the name of a backbone, or that of the text encoder
 */
export async function measureSpeedup(
  [original, other]: readonly [Model, Model],
  part: string,
  inputs: { readonly pictures: readonly Uint8Array[]; readonly texts: readonly Int32Array[] },
): Promise<number> {
  const runs = [await openEncoder(original, part, inputs), await openEncoder(other, part, inputs)] as const;
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) ratios.push((await measureTime(runs[0])) / (await measureTime(runs[1])));
  return median(ratios);
}

async function openEncoder(
  model: Model,
  part: string,
  { pictures, texts }: { readonly pictures: readonly Uint8Array[]; readonly texts: readonly Int32Array[] },
): Promise<Run> {
  const { text, vision } = model.spec;
  if (part === TEXT_PART) {
    const sizes = textBatchSizes(text.encoder, BATCH);
    const encoder = await TextEncoder.load(model, text, sessionOptionsFor(text.encoder, OPTIONS), sizes);
    return () => encoder.encode(texts);
  }
  const backbone = vision.backbones.find(({ name }) => name === part);
  if (backbone === undefined) throw new Error(`${model.id} has no backbone "${part}"`);
  const sizes = visualBatchSizes(backbone.encoder, OPTIONS.provider, BATCH);
  const encoder = await VisualEncoder.load(model, backbone, sessionOptionsFor(backbone.encoder, OPTIONS), sizes);
  return () => encoder.encode(pictures.slice(0, BATCH));
}

async function measureTime(run: Run): Promise<number> {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
