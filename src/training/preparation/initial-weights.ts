import { seedHead } from '../../architectures/head/seeded-head.ts';
import { type Model, modelFilePath, toHeadSpec } from '../../model/model.ts';
import { ModelError } from '../../model/model-error.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import { encoderFile, type ModelSpec } from '../../model/model-spec.ts';
import { readSafetensors } from '../../weights/safetensors-reader.ts';
import { StateDict } from '../../weights/state-dict.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { encoderPrefix, TEXT_ENCODER } from '../graphs/encoder-outputs.ts';
import { RECONSTRUCTION_HEAD } from '../objectives/reconstruction.ts';
import type { TrainingPlan } from '../training-plan.ts';
import { linearLayerTensors } from './linear-layer-tensors.ts';

/**
 * The weights that a training starts from: the head by its own keys, the layers of the objectives, and under
 * `encoders.<name>.` the encoders where they are trained too. The same plan gives the same bytes.
 * @param fittedHead the head of a training whose initial head is fitted
 * @throws WeightsError, ModelError where the base model is not fit for it
 */
export async function initialWeights(
  { base, model, options }: TrainingPlan,
  fittedHead?: ReadonlyMap<string, Tensor>,
): Promise<StateDict> {
  const spec = toHeadSpec(model);
  const tensors = new Map<string, Tensor>(
    options.initial_head === 'base'
      ? (await readSafetensors(modelFilePath(base, base.spec.head.weights))).tensors
      : (fittedHead ?? seedHead(spec, options.seed)),
  );
  for (const [key, tensor] of reconstructionHeadTensors(spec.dimensions, options.seed)) tensors.set(key, tensor);
  if (!options.freeze_backbones) {
    for (const [key, tensor] of await readEncoderWeights(base, model)) tensors.set(key, tensor);
  }
  return new StateDict(base.id, tensors);
}

/** Reads the weights of the base's encoders, as `encoders.<name>.<key>`. @throws ModelError for ONNX files; WeightsError */
export async function readEncoderWeights(base: Model, model: ModelDefinition): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const { name, encoder } of listEncoders(model)) {
    if (encoder.kind === 'onnx')
      throw new ModelError(
        `the encoder ${encoder.file} is an ONNX file and cannot be trained: set freeze_backbones to true`,
      );
    const { tensors: encoderTensors } = await readSafetensors(modelFilePath(base, encoderFile(encoder)), (key) =>
      key.startsWith(encoder.prefix),
    );
    for (const [key, tensor] of encoderTensors)
      tensors.set(encoderPrefix(name) + key.slice(encoder.prefix.length), tensor);
  }
  return tensors;
}

/** The visual encoders by the names of their backbones, then the text encoder. */
export function listEncoders({ vision, text }: Pick<ModelSpec, 'vision' | 'text'>) {
  return [
    ...vision.backbones.map(({ name, encoder }) => ({ name, encoder })),
    { name: TEXT_ENCODER, encoder: text.encoder },
  ];
}

/** The reconstruction head, as nn.Linear initialises its layers. */
function reconstructionHeadTensors(dimensions: number, seed: number): [string, Tensor][] {
  return [
    ...linearLayerTensors(`${RECONSTRUCTION_HEAD}.0`, 2 * dimensions, dimensions, seed),
    ...linearLayerTensors(`${RECONSTRUCTION_HEAD}.3`, dimensions, 2 * dimensions, seed),
  ];
}
