import path from 'node:path';
import { seedHead } from '../src/architectures/head/seeded-head.ts';
import { type Config, readConfig } from '../src/config.ts';
import { ModelRuntime } from '../src/inference/engine/model-runtime.ts';
import { type Model, toHeadSpec } from '../src/model/model.ts';
import { buildModel, linkFile } from '../src/model/model-builder.ts';
import { findModel, homeModelsFolder, modelRoots } from '../src/model/model-folders.ts';
import { type ModelDefinition, requiredFiles } from '../src/model/model-spec.ts';
import { assembleStage3Base } from '../src/model-tools/stage3-base/assemble-stage3-base.ts';
import { seedEncoders } from '../src/model-tools/stage3-base/seeded-encoders.ts';
import { STAGE3_BASE, STAGE3_SIZES } from '../src/model-tools/stage3-base/stage3-files.ts';
import { withPrecision } from '../src/model-tools/with-precision.ts';
import { writeSafetensors } from '../src/weights/safetensors-writer.ts';

const SEED = 1;
const NEW_HEAD_SEED = 2;

/** Makes stage3-base at full size with seeded weights. Resolves with its folder. @param home a PANELVEC_HOME */
export async function makeFullSizeModel(home: string): Promise<string> {
  const models = homeModelsFolder(home);
  await buildModel(models, STAGE3_BASE, async (folder) => {
    await seedEncoders(folder, STAGE3_SIZES, SEED);
    return assembleStage3Base(folder, 'Encoders of full size with seeded weights, for measuring');
  });
  return path.join(models, STAGE3_BASE);
}

/**
 * Adds a model with a model's encoders, linked, and a head of its own, as training makes it. Resolves with its name.
 * @param modelsFolder that of a PANELVEC_HOME
 */
export async function addNewHead(modelsFolder: string, name: string): Promise<string> {
  const base = await findModel(name, modelRoots(path.dirname(modelsFolder)));
  const newName = `${name}-new-head`;
  await buildModel(modelsFolder, newName, async (folder) => {
    const { files: _, golden: __, ...definition } = base.spec;
    const { weights } = definition.head;
    const shared = requiredFiles(definition).filter((file) => file !== weights);
    await Promise.all(shared.map((file) => linkFile(path.join(base.folder, file), path.join(folder, file))));
    await writeSafetensors(path.join(folder, weights), seedHead(toHeadSpec(definition), NEW_HEAD_SEED));
    return { ...definition, name: newName };
  });
  return newName;
}

/**
 * Adds a model as it is, with its encoders in fp32. Resolves with its name.
 * @param home a PANELVEC_HOME
 */
export async function addFp32Variant(home: string, name: string): Promise<string> {
  const base = await findModel(name, modelRoots(home));
  const newName = `${name}-fp32`;
  await buildModel(homeModelsFolder(home), newName, async (folder) => {
    const { files: _, golden: __, ...spec } = base.spec;
    const backbones = spec.vision.backbones.map(({ encoder, ...rest }) => ({ ...rest, encoder: inFp32(encoder) }));
    const { encoder, ...text } = spec.text;
    const definition: ModelDefinition = {
      ...spec,
      name: newName,
      vision: { ...spec.vision, backbones },
      text: { ...text, encoder: inFp32(encoder) },
    };
    const files = requiredFiles(definition);
    await Promise.all(files.map((file) => linkFile(path.join(base.folder, file), path.join(folder, file))));
    return definition;
  });
  return newName;
}

/**
 * Adds a model with its encoders in int8, as far as they can be. Resolves with its name.
 * @param home a PANELVEC_HOME with the model
 */
export async function addInt8Variant(home: string, name: string): Promise<string> {
  const base = await findModel(name, modelRoots(home));
  const newName = `${name}-int8`;
  await buildModel(homeModelsFolder(home), newName, async (folder) => {
    const definition = withPrecision(base.spec, newName, 'int8');
    const files = requiredFiles(definition);
    await Promise.all(files.map((file) => linkFile(path.join(base.folder, file), path.join(folder, file))));
    return definition;
  });
  return newName;
}

function inFp32<Encoder extends object>(encoder: Encoder): Encoder {
  return 'precision' in encoder ? { ...encoder, precision: 'fp32' } : encoder;
}

export interface LoadedModel {
  readonly config: Config;
  readonly model: Model;
  readonly runtime: ModelRuntime;
}

/**
 * Loads the model that the service serves by default into this process, with the service's settings.
 * @param threads those of the settings if it is left out
 */
export async function loadServedModel(threads?: number): Promise<LoadedModel> {
  const config = readConfig();
  const [name] = config.models;
  const [device = 0] = config.devices;
  if (name === undefined) throw new Error('PANELVEC_MODELS names no model');
  const model = await findModel(name, modelRoots(config.home));
  const options = { provider: 'cpu', device, threads: threads ?? config.threads } as const;
  return { config, model, runtime: await ModelRuntime.load(model, options, config.maxBatch) };
}
