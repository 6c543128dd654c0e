import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isHeadKey } from '../../architectures/head/head.ts';
import { type Model, modelFilePath } from '../../model/model.ts';
import { buildModel, linkFile } from '../../model/model-builder.ts';
import { homeModelsFolder } from '../../model/model-folders.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import { encoderFile } from '../../model/model-spec.ts';
import { readCheckpoint } from '../../training/checkpoint/checkpoint-file.ts';
import { encoderPrefix, isEncoderKey, TEXT_ENCODER } from '../../training/graphs/encoder-outputs.ts';
import { listEncoders, readEncoderWeights } from '../../training/preparation/initial-weights.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import type { Tensor } from '../../weights/tensor.ts';

/** What a model folder holds beside the model: which job made it, from what. */
export const ORIGIN_FILE = 'training.json';
const CARD_FILE = 'README.md';
const ENCODERS_FILE = 'encoders.safetensors';

export interface TrainingResult {
  readonly plan: TrainingPlan;
  /** The checkpoint that holds the weights */
  readonly checkpoint: string;
  /** Of how it came about: spec, measures */
  readonly origin: object;
  readonly card: string;
}

/**
 * The trained model among those of the home folder, whole or not at all. What its base has unchanged is linked.
 * @throws ModelError where there is a model of that name; WeightsError where the checkpoint is damaged; the signal's reason
 */
export async function buildTrainedModel(
  home: string,
  { plan, checkpoint, origin, card }: TrainingResult,
  signal: AbortSignal,
): Promise<Model> {
  const { base, model, options } = plan;
  const { weights } = await readCheckpoint(checkpoint);
  const fill = async (folder: string) => {
    await writeSafetensors(path.join(folder, model.head.weights), filterByKey(weights, isHeadKey), { base: base.id });
    const tokenizer = model.text.tokenizer === undefined ? [] : [model.text.tokenizer];
    const baseFiles = options.freeze_backbones ? listEncoders(model).map(({ encoder }) => encoderFile(encoder)) : [];
    for (const file of new Set([...baseFiles, ...tokenizer]))
      await linkFile(modelFilePath(base, file), path.join(folder, file));
    if (!options.freeze_backbones)
      await writeEncoders(path.join(folder, ENCODERS_FILE), plan, filterByKey(weights, isEncoderKey));
    await writeFile(path.join(folder, ORIGIN_FILE), `${JSON.stringify(origin, undefined, 2)}\n`);
    await writeFile(path.join(folder, CARD_FILE), card);
    return options.freeze_backbones ? model : withTrainedEncoders(model);
  };
  // The last moment: a job that is cancelled leaves no model, and its output can be trained again.
  return buildModel(homeModelsFolder(home), model.name, fill, async () => signal.throwIfAborted());
}

function filterByKey(weights: ReadonlyMap<string, Tensor>, matches: (key: string) => boolean): Map<string, Tensor> {
  return new Map([...weights].filter(([key]) => matches(key)));
}

/** Trained weights, and what training leaves as it was. */
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
