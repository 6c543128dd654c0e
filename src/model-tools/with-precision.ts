import { ModelError } from '../model/model-error.ts';
import type { ModelDefinition, ModelSpec } from '../model/model-spec.ts';
import type { Precision } from '../model/spec-fields.ts';

/** Encoders that are all convolutions, which are slower in integers (docs/decisions/0008). */
const CONVOLUTIONAL: ReadonlySet<string> = new Set(['resnet', 'efficientnet_lite']);

/**
 * Definition of the same model with its encoders in another precision. Convolutional encoders stay in fp32 when the others
 * become int8.
 * @throws ModelError if an encoder is an ONNX file, or is not in fp32
 */
export function withPrecision(spec: ModelSpec, name: string, precision: Precision): ModelDefinition {
  const { files: _, golden: __, ...definition } = spec;
  return {
    ...definition,
    name,
    description: `${spec.description} (${precision})`,
    vision: {
      ...spec.vision,
      backbones: spec.vision.backbones.map((backbone) => setPrecision(backbone, precision, spec.name)),
    },
    text: setPrecision(spec.text, precision, spec.name),
  };
}

function setPrecision<
  T extends { encoder: ModelSpec['text']['encoder'] | ModelSpec['vision']['backbones'][number]['encoder'] },
>(part: T, precision: Precision, model: string): T {
  const { encoder } = part;
  if (encoder.kind === 'onnx') {
    throw new ModelError(`${model}: the encoder ${encoder.file} is an ONNX file, whose precision cannot change`);
  }
  if (encoder.precision !== 'fp32') {
    throw new ModelError(`${model} is ${encoder.precision} already: begin with the fp32 model that it was made of`);
  }
  const isUnchanged = CONVOLUTIONAL.has(encoder.kind) && precision === 'int8';
  return isUnchanged ? part : { ...part, encoder: { ...encoder, precision } };
}
