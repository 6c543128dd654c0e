import { ModelError } from '../model/model-error.ts';
import type { ModelDefinition, ModelSpec, VisualEncoderSpec } from '../model/model-spec.ts';
import type { Precision } from '../model/spec-fields.ts';

/** Names the text encoder among the parts of a model. No backbone has a name with a space. */
export const TEXT_PART = 'text encoder';

/** An encoder whose convolutions are integers, as an ONNX file. */
export type Int8FileSpec = Extract<VisualEncoderSpec, { kind: 'onnx' }>;

type Backbone = ModelSpec['vision']['backbones'][number];

/**
 * Definition of the same model with its encoders in another precision. An encoder stays as it is where it has none: a text encoder
 * that is an ONNX file in int8, or a visual encoder without a file of integers.
 * @param int8Files the visual encoders that become such files, by the names of their backbones
 * @param parts names of the encoders that change; all by default
 * @throws ModelError if an encoder is not in fp32, or is an ONNX file that would have to be fp16
 */
export function withPrecision(
  spec: ModelSpec,
  name: string,
  precision: Precision,
  int8Files: ReadonlyMap<string, Int8FileSpec> = new Map(),
  parts: ReadonlySet<string> = encoderNames(spec),
): ModelDefinition {
  const { files: _, golden: __, ...definition } = spec;
  assertFloats(spec, precision);
  const changeBackbone = (backbone: Backbone): Backbone => {
    const file = int8Files.get(backbone.name);
    if (!parts.has(backbone.name)) return backbone;
    if (file !== undefined) return { ...backbone, encoder: file };
    const { encoder } = backbone;
    const isTransformer = encoder.kind === 'siglip';
    if (encoder.kind === 'onnx' || (precision === 'int8' && !isTransformer)) return backbone;
    return { ...backbone, encoder: { ...encoder, precision } };
  };
  const { encoder } = spec.text;
  const isTextKept = encoder.kind === 'onnx' || !parts.has(TEXT_PART);
  return {
    ...definition,
    name,
    description: `${spec.description} (${precision})`,
    vision: { ...spec.vision, backbones: spec.vision.backbones.map(changeBackbone) },
    text: isTextKept ? spec.text : { ...spec.text, encoder: { ...encoder, precision } },
  };
}

/** Names of the encoders of a model: its backbones, and the text encoder. */
export function encoderNames({ vision }: Pick<ModelSpec, 'vision'>): Set<string> {
  return new Set([...vision.backbones.map(({ name }) => name), TEXT_PART]);
}

/** Names of the encoders that differ between two definitions of one model. */
export function changedEncoders(original: ModelDefinition, { vision, text }: ModelDefinition): string[] {
  const backbones = vision.backbones.filter(({ encoder }, i) => encoder !== original.vision.backbones[i]?.encoder);
  return [...backbones.map(({ name }) => name), ...(text.encoder === original.text.encoder ? [] : [TEXT_PART])];
}

function assertFloats(spec: ModelSpec, precision: Precision): void {
  for (const { encoder } of [...spec.vision.backbones, spec.text]) {
    const current = 'precision' in encoder ? encoder.precision : undefined;
    if (current !== undefined && current !== 'fp32') {
      throw new ModelError(`${spec.name} is ${current} already: begin with the fp32 model that it was made of`);
    }
    if (encoder.kind === 'onnx' && precision === 'fp16') {
      throw new ModelError(`${spec.name}: the encoder ${encoder.file} is an ONNX file, which cannot become fp16`);
    }
  }
}
