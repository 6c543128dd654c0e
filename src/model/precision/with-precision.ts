import type { ModelParts } from '../model-builder.ts';
import { ModelError } from '../model-error.ts';
import type { ModelSpec, Precision } from '../model-spec.ts';

/**
 * The same model with its encoders in another precision. ResNet stays in fp32 where others become int8: its convolutions
 * are slower in integers (docs/decisions/0008).
 * @throws ModelError where an encoder is an ONNX file, which is taken as it is, or nothing would change
 */
export function withPrecision(spec: ModelSpec, name: string, precision: Precision): ModelParts {
  const { files: _, golden: __, ...parts } = spec;
  const changed = {
    ...parts,
    name,
    description: `${spec.description} (${precision})`,
    vision: {
      ...spec.vision,
      backbones: spec.vision.backbones.map((backbone) => adapt(backbone, precision, spec.name)),
    },
    text: adapt(spec.text, precision, spec.name),
  };
  const encoders = [...changed.vision.backbones, changed.text].map(({ encoder }) => encoder);
  if (encoders.every((encoder) => encoder.kind === 'onnx' || encoder.precision !== precision)) {
    throw new ModelError(`${spec.name}: none of its encoders can be ${precision}`);
  }
  return changed;
}

function adapt<
  T extends { encoder: ModelSpec['text']['encoder'] | ModelSpec['vision']['backbones'][number]['encoder'] },
>(part: T, precision: Precision, model: string): T {
  const { encoder } = part;
  if (encoder.kind === 'onnx') {
    throw new ModelError(`${model}: the encoder ${encoder.file} is an ONNX file, which is taken as it is`);
  }
  const kept = encoder.kind === 'resnet' && precision === 'int8';
  return kept ? part : { ...part, encoder: { ...encoder, precision } };
}
