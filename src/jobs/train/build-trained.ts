import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Model, modelFile } from '../../model/model.ts';
import { buildModel, linkFile, type ModelParts } from '../../model/model-builder.ts';
import { homeModels } from '../../model/model-folders.ts';
import { encoderFile } from '../../model/model-spec.ts';
import { encoderKey, TEXT_ENCODER } from '../../training/graphs/encoders.ts';
import { encoders, encoderWeights } from '../../training/initial-weights.ts';
import { readTrainedWeights } from '../../training/trained-weights.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';
import type { Tensor } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';

/** What a model folder holds beside the model: which job made it, from what. */
export const ORIGIN = 'training.json';
const CARD = 'README.md';
const ENCODERS_FILE = 'encoders.safetensors';

export interface Trained {
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
export async function buildTrained(
  home: string,
  { plan, checkpoint, origin, card }: Trained,
  signal: AbortSignal,
): Promise<Model> {
  const { base, model, options } = plan;
  const trained = await readTrainedWeights(checkpoint);
  const fill = async (folder: string) => {
    await writeSafetensors(path.join(folder, model.head.weights), trained.head, { base: base.id });
    const tokenizer = model.text.tokenizer === undefined ? [] : [model.text.tokenizer];
    const kept = options.freeze_backbones ? encoders(model).map(({ encoder }) => encoderFile(encoder)) : [];
    for (const file of new Set([...kept, ...tokenizer])) await linkFile(modelFile(base, file), path.join(folder, file));
    if (!options.freeze_backbones) await writeEncoders(path.join(folder, ENCODERS_FILE), plan, trained.encoders);
    await writeFile(path.join(folder, ORIGIN), `${JSON.stringify(origin, undefined, 2)}\n`);
    await writeFile(path.join(folder, CARD), card);
    return options.freeze_backbones ? model : withOwnEncoders(model);
  };
  // The last moment: a job that is cancelled leaves no model, and its output can be trained again.
  return buildModel(homeModels(home), model.name, fill, async () => signal.throwIfAborted());
}

/** Trained weights, and what training leaves as it was. */
async function writeEncoders(file: string, plan: TrainingPlan, trained: ReadonlyMap<string, Tensor>): Promise<void> {
  const before = await encoderWeights(plan.base, plan.model);
  await writeSafetensors(file, new Map([...before].map(([key, tensor]) => [key, trained.get(key) ?? tensor])));
}

function withOwnEncoders(model: ModelParts): ModelParts {
  const own = <E extends ModelParts['text']['encoder'] | ModelParts['vision']['backbones'][number]['encoder']>(
    encoder: E,
    name: string,
  ): E => ({ ...encoder, weights: ENCODERS_FILE, prefix: encoderKey(name) });
  return {
    ...model,
    vision: {
      ...model.vision,
      backbones: model.vision.backbones.map((backbone) => ({
        ...backbone,
        encoder: own(backbone.encoder, backbone.name),
      })),
    },
    text: { ...model.text, encoder: own(model.text.encoder, TEXT_ENCODER) },
  };
}
