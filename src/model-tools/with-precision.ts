import type { ModelDefinition } from '../model/model-builder.ts';
import { ModelError } from '../model/model-error.ts';
import type { ModelSpec, Precision } from '../model/model-spec.ts';

/**
 * The same model with its encoders in another precision. ResNet stays in fp32 where others become int8: its convolutions
 * are slower in integers (docs/decisions/0008).
 * @throws ModelError where an encoder is an ONNX file, which is taken as it is, or is not fp32 any more
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
    throw new ModelError(`${model}: the encoder ${encoder.file} is an ONNX file, which is taken as it is`);
  }
  if (encoder.precision !== 'fp32') {
    throw new ModelError(`${model} is ${encoder.precision} already: begin with the fp32 model that it was made of`);
  }
  const isUnchanged = encoder.kind === 'resnet' && precision === 'int8';
  return isUnchanged ? part : { ...part, encoder: { ...encoder, precision } };
}
