import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isHeadKey } from '../../architectures/head/head.ts';
import { type Model, modelFilePath } from '../../model/model.ts';
import { buildModel, linkFile } from '../../model/model-builder.ts';
import { homeModelsFolder } from '../../model/model-folders.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import { requiredFiles } from '../../model/model-spec.ts';
import { ORIGIN_FILE } from '../../model-registry/model-origin.ts';
import { readCheckpoint, resultWeights } from '../../training/checkpoint/checkpoint-file.ts';
import { encoderPrefix, isEncoderKey, TEXT_ENCODER } from '../../training/graphs/encoder-outputs.ts';
import { readEncoderWeights } from '../../training/preparation/initial-weights.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import type { Tensor } from '../../weights/tensor.ts';

const CARD_FILE = 'README.md';
const ENCODERS_FILE = 'encoders.safetensors';

export interface TrainingResult {
  readonly plan: TrainingPlan;
  /** The checkpoint that holds the weights */
  readonly checkpoint: string;
  /** The job, its spec and its summary */
  readonly origin: { readonly job_id: string };
  readonly card: string;
}

/** Whether the job has built its model. */
export async function isBuilt(home: string, output: string, jobId: string): Promise<boolean> {
  const file = path.join(homeModelsFolder(home), output, ORIGIN_FILE);
  return existsSync(file) && JSON.parse(await readFile(file, 'utf8')).job_id === jobId;
}

/**
 * Builds the trained model in the home folder, completely or not at all. Files that are those of the base are linked.
 * @throws ModelError where there is a model of that name; WeightsError where the checkpoint is damaged; the signal's reason
 */
export async function buildTrainedModel(
  home: string,
  { plan, checkpoint, origin, card }: TrainingResult,
  signal: AbortSignal,
): Promise<Model> {
  const { base, model, options } = plan;
  const weights = resultWeights(await readCheckpoint(checkpoint));
  const fill = async (folder: string) => {
    await writeSafetensors(path.join(folder, model.head.weights), filterByKey(weights, isHeadKey), { base: base.id });
    const tokenizer = model.text.tokenizer === undefined ? [] : [model.text.tokenizer];
    const baseFiles = requiredFiles(model).filter((file) => file !== model.head.weights);
    for (const file of options.freeze_backbones ? baseFiles : tokenizer)
      await linkFile(modelFilePath(base, file), path.join(folder, file));
    if (!options.freeze_backbones)
      await writeEncoders(path.join(folder, ENCODERS_FILE), plan, filterByKey(weights, isEncoderKey));
    await writeFile(path.join(folder, ORIGIN_FILE), `${JSON.stringify(origin, undefined, 2)}\n`);
    await writeFile(path.join(folder, CARD_FILE), card);
    return options.freeze_backbones ? model : withTrainedEncoders(model);
  };
  // Checked as late as possible: a job that is cancelled leaves no model, so that its output can be trained again.
  return buildModel(homeModelsFolder(home), model.name, fill, async () => signal.throwIfAborted());
}

function filterByKey(weights: ReadonlyMap<string, Tensor>, matches: (key: string) => boolean): Map<string, Tensor> {
  return new Map([...weights].filter(([key]) => matches(key)));
}

/** Writes the trained weights of the encoders, and those of the base that training does not change. */
async function writeEncoders(
  file: string,
  plan: TrainingPlan,
  trainedTensors: ReadonlyMap<string, Tensor>,
): Promise<void> {
  const baseTensors = await readEncoderWeights(plan.base, plan.model);
  await writeSafetensors(
    file,
    new Map([...baseTensors].map(([key, tensor]) => [key, trainedTensors.get(key) ?? tensor])),
  );
}

function withTrainedEncoders(model: ModelDefinition): ModelDefinition {
  const toTrainedEncoder = <
    E extends ModelDefinition['text']['encoder'] | ModelDefinition['vision']['backbones'][number]['encoder'],
  >(
    encoder: E,
    name: string,
  ): E => ({ ...encoder, weights: ENCODERS_FILE, prefix: encoderPrefix(name) });
  return {
    ...model,
    vision: {
      ...model.vision,
      backbones: model.vision.backbones.map((backbone) => ({
        ...backbone,
        encoder: toTrainedEncoder(backbone.encoder, backbone.name),
      })),
    },
    text: { ...model.text, encoder: toTrainedEncoder(model.text.encoder, TEXT_ENCODER) },
  };
}
