import path from 'node:path';
import { seedHead } from '../src/architectures/head/seeded-head.ts';
import { optimizeModelCommand } from '../src/cli/commands/models-optimize-command.ts';
import { type Config, readConfig } from '../src/config.ts';
import { ModelRuntime } from '../src/inference/engine/model-runtime.ts';
import { type Model, toHeadSpec } from '../src/model/model.ts';
import { buildModel, linkFile } from '../src/model/model-builder.ts';
import { findModel, homeModelsFolder, modelRoots } from '../src/model/model-folders.ts';
import {
  type ModelDefinition,
  requiredFiles,
  type TextEncoderSpec,
  type VisualEncoderSpec,
} from '../src/model/model-spec.ts';
import { assembleStage3Base } from '../src/model-tools/stage3-base/assemble-stage3-base.ts';
import { seedEncoders } from '../src/model-tools/stage3-base/seeded-encoders.ts';
import { STAGE3_BASE, STAGE3_SIZES } from '../src/model-tools/stage3-base/stage3-files.ts';
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
 * @param source name or path of a model that has the weights in fp32
 * @throws Error if it has an encoder in int8 alone
 */
export async function addFp32Variant(home: string, source: string): Promise<string> {
  const base = await findModel(source, modelRoots(home));
  const newName = `${base.spec.name}-fp32`;
  await buildModel(homeModelsFolder(home), newName, async (folder) => {
    const { files: _, golden: __, ...spec } = base.spec;
    const inFp32 = <Encoder extends VisualEncoderSpec | TextEncoderSpec>(encoder: Encoder): Encoder => {
      if (encoder.kind !== 'onnx') return { ...encoder, precision: 'fp32' };
      if (!('precision' in encoder && encoder.precision === 'int8')) return encoder;
      throw new Error(`${base.id} has ${encoder.file} in int8 alone: name its fp32 model with --fp32-model`);
    };
    const backbones = spec.vision.backbones.map((backbone) => ({ ...backbone, encoder: inFp32(backbone.encoder) }));
    const definition: ModelDefinition = {
      ...spec,
      name: newName,
      vision: { ...spec.vision, backbones },
      text: { ...spec.text, encoder: inFp32(spec.text.encoder) },
    };
    const files = requiredFiles(definition);
    await Promise.all(files.map((file) => linkFile(path.join(base.folder, file), path.join(folder, file))));
    return definition;
  });
  return newName;
}

/**
 * Adds a model with its encoders in int8, as `panelvec models optimize` makes it. Resolves with its name.
 * @param home a PANELVEC_HOME with the model
 */
export async function addInt8Variant(home: string, source: string): Promise<string> {
  const name = `${source}-int8`;
  const config = readConfig({ ...process.env, PANELVEC_HOME: home });
  await optimizeModelCommand(config, source, { precision: 'int8', name });
  return name;
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
