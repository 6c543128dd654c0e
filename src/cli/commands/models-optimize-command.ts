import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Config } from '../../config.ts';
import { drawPicture } from '../../embedding/golden/draw-picture.ts';
import { PanelvecError, withParam } from '../../errors.ts';
import { EXAMPLES_FOLDER } from '../../example-pages.ts';
import { type Model, verifyFiles } from '../../model/model.ts';
import { assertNameIsFree, buildModel, linkFile, writeModelSpec } from '../../model/model-builder.ts';
import { findModel, homeModelsFolder, modelRoots } from '../../model/model-folders.ts';
import { type ModelDefinition, type PictureFormat, requiredFiles } from '../../model/model-spec.ts';
import type { Precision } from '../../model/spec-fields.ts';
import { type Int8Encoder, quantiseEncoders } from '../../model-tools/static-int8/quantise-encoders.ts';
import { changedEncoders, encoderNames, withPrecision } from '../../model-tools/with-precision.ts';
import { decodePicture } from '../../preprocess/image/decode-image.ts';
import { type CalibrationPicture, readCalibrationPictures } from '../calibration-pictures.ts';
import { checkOptimizedModel, RejectedEncoderError } from '../check-optimized-model.ts';
import { describeModel } from '../describe-model.ts';

/** Number of generated images, if no images are given */
const PATTERN_COUNT = 16;
/** Pictures that ranges of activations are made of; the vectors are compared on others */
const CALIBRATION_SHARE = 0.4;

export interface OptimizeFlags {
  readonly precision: Precision | 'auto';
  readonly name?: string;
  readonly images?: readonly string[];
  readonly calibration?: string;
}

/**
 * Adds the same model in another precision. `auto` makes int8 of each encoder that becomes faster, as long as the vectors stay close.
 * @throws PanelvecError, and adds nothing, if the vectors differ too much, or if no encoder changes
 */
export async function optimizeModelCommand(config: Config, source: string, flags: OptimizeFlags): Promise<void> {
  const original = await findModel(source, modelRoots(config.home));
  const name = flags.name ?? `${original.spec.name}-${flags.precision}`;
  const precision = flags.precision === 'auto' ? 'int8' : flags.precision;
  // Refuses models that cannot be optimized before anything is computed.
  withPrecision(original.spec, name, precision);
  assertNameIsFree(homeModelsFolder(config.home), name);
  await verifyFiles(original);
  const material = await prepare(config, original, precision, flags);
  const parts = encoderNames(original.spec);
  const notes: string[] = [];
  while (true) {
    try {
      const { model, lines } = await addModel(config, original, { ...material, name, precision, parts, flags });
      process.stdout.write(`${[describeModel(model), ...notes, ...lines].join('\n')}\n`);
      return;
    } catch (error) {
      if (flags.precision !== 'auto' || !(error instanceof RejectedEncoderError)) throw error;
      parts.delete(error.part);
      notes.push(`${error.part} stays in fp32: ${error.message}`);
    }
  }
}

interface Material {
  readonly int8Encoders: ReadonlyMap<string, Int8Encoder>;
  /** Pictures that the vectors are compared on */
  readonly pictures: readonly Uint8Array[];
  readonly gallery: readonly CalibrationPicture[];
}

async function prepare(config: Config, original: Model, precision: Precision, flags: OptimizeFlags): Promise<Material> {
  const { vision } = original.spec;
  const images: Uint8Array[] = [];
  for (const file of flags.images ?? []) images.push(await readImage(file, vision, config));
  if (precision !== 'int8') {
    const patterns = Array.from({ length: PATTERN_COUNT }, (_, i) => drawPicture(i + 1, vision));
    return { int8Encoders: new Map(), pictures: images.length > 0 ? images : patterns, gallery: [] };
  }
  const gallery = await readCalibrationPictures(config, flags.calibration ?? EXAMPLES_FOLDER, vision);
  const calibrated = Math.ceil(CALIBRATION_SHARE * gallery.length);
  const pictures = gallery.map(({ picture }) => picture);
  const heldOut = pictures.slice(calibrated);
  // Ranges are those of whole pictures, without the corners that a model may cut out of them.
  const wholePictures = pictures.map((picture) => picture.subarray(0, 3 * vision.image_size ** 2));
  const int8Encoders = await quantiseEncoders(
    original,
    { calibration: wholePictures.slice(0, calibrated), heldOut: wholePictures.slice(calibrated) },
    availableParallelism(),
  );
  return { int8Encoders, pictures: images.length > 0 ? images : heldOut, gallery };
}

interface Attempt extends Material {
  readonly name: string;
  readonly precision: Precision;
  readonly parts: ReadonlySet<string>;
  readonly flags: OptimizeFlags;
}

async function addModel(
  config: Config,
  original: Model,
  { name, precision, parts, flags, int8Encoders, pictures, gallery }: Attempt,
): Promise<{ readonly model: Model; readonly lines: readonly string[] }> {
  const int8Files = new Map([...int8Encoders].map(([part, { spec }]) => [part, spec]));
  const definition = withPrecision(original.spec, name, precision, int8Files, parts);
  const changed = changedEncoders(original.spec, definition);
  if (changed.length === 0) {
    const problem = `no encoder of ${original.spec.name} becomes faster in ${precision} and keeps its vectors: use it as it is`;
    throw new PanelvecError('model_invalid', problem);
  }
  const lines = changed.flatMap((part) => {
    const summary = int8Encoders.get(part)?.summary;
    return summary === undefined ? [] : [`${part}: ${summary}`];
  });
  const fillFolder = (folder: string) => fillModelFolder(folder, original, definition, int8Encoders);
  const model = await buildModel(homeModelsFolder(config.home), name, fillFolder, async (optimized) => {
    const check = { precision, needsSpeed: flags.precision === 'auto', changed, pictures, gallery };
    lines.push(...(await checkOptimizedModel(config, [original, optimized], check)));
    const description = `${definition.description}: ${lines.join('; ')}`;
    await writeModelSpec(optimized.folder, { ...optimized.spec, description });
  });
  return { model, lines };
}

async function fillModelFolder(
  folder: string,
  original: Model,
  definition: ModelDefinition,
  int8Encoders: ReadonlyMap<string, Int8Encoder>,
): Promise<ModelDefinition> {
  const made = new Map([...int8Encoders.values()].map(({ spec, bytes }) => [spec.file, bytes]));
  for (const file of requiredFiles(definition)) {
    const bytes = made.get(file);
    if (bytes === undefined) await linkFile(path.join(original.folder, file), path.join(folder, file));
    else await writeFile(path.join(folder, file), bytes);
  }
  return definition;
}

async function readImage(file: string, format: PictureFormat, config: Config): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new PanelvecError('image_unreadable', (cause as Error).message, { param: file, cause });
  });
  return decodePicture(bytes, format, config).catch((error: unknown) => {
    throw withParam(error, file);
  });
}
