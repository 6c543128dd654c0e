import { z } from 'zod';
import { headOptionsSchema } from './head-spec.ts';
import { ModelError } from './model-error.ts';
import { backboneNameSchema, codeFields, fileNameSchema, positiveInteger, transformerFields } from './spec-fields.ts';
import { type ZeroShotTextSpec, zeroShotSchema } from './zero-shot-spec.ts';

export const modelNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be lower-case letters, digits, dots, dashes');
const rgbSchema = z.tuple([z.number(), z.number(), z.number()]);

/** Numbers of views that a picture may be cut into: the whole, or with it four overlapping corners. */
export const GRID_VIEWS = [1, 5] as const;
export type GridViews = (typeof GRID_VIEWS)[number];

const visualEncoderSchema = z.discriminatedUnion('kind', [
  /** An ONNX file, opset 13 or later: normalised pixels float32 (n, 3, size, size) -> features (n, features) */
  z.strictObject({
    kind: z.literal('onnx'),
    file: fileNameSchema,
    input: z.string(),
    output: z.string(),
    /** Of a file whose convolutions are integers with ranges that are known before; absent for any other, also in its space */
    precision: z.literal('int8').optional(),
  }),
  z.strictObject({ kind: z.literal('siglip'), ...transformerFields }),
  z.strictObject({ kind: z.literal('resnet'), ...codeFields }),
  z.strictObject({ kind: z.literal('efficientnet_lite'), ...codeFields }),
]);

const backboneSchema = z.strictObject({
  /** With two backbones, part of the keys of the head's weights: `vision.<name>.adaptation` */
  name: backboneNameSchema,
  encoder: visualEncoderSchema,
  /** Width of the pooled features, which are the encoder's output (n, features) */
  features: positiveInteger,
  /** Normalisation of RGB in 0..1: (pixel - mean) / std */
  mean: rgbSchema,
  std: rgbSchema.refine((values) => values.every((value) => value !== 0), 'must not be zero'),
});

const textEncoderSchema = z.discriminatedUnion('kind', [
  /** An ONNX file: token ids and mask int64 (n, t) -> pooled features (n, features) */
  z.strictObject({
    kind: z.literal('onnx'),
    file: fileNameSchema,
    input_ids: z.string(),
    attention_mask: z.string(),
    output: z.string(),
  }),
  z.strictObject({
    kind: z.literal('bert'),
    ...transformerFields,
    /** Layers whose token means are the features, each of unit length; absent: the mean of the last layer as it is */
    pooled_layers: z.array(positiveInteger).min(1).optional(),
  }),
]);

const textSchema = z.strictObject({
  encoder: textEncoderSchema,
  features: positiveInteger,
  /** A tokenizer.json of Hugging Face; a model without one accepts only token ids */
  tokenizer: fileNameSchema.optional(),
  /** Number of token ids; without it, the ids that clients send are not checked */
  vocabulary: positiveInteger.optional(),
  /** Texts are truncated to this number of tokens, including special ones. */
  max_tokens: positiveInteger,
});

/** Schema of model.json. Everything but name, version, description, licence and `zero_shot` is part of the space fingerprint. */
export const modelSpecSchema = z.strictObject({
  format: z.literal(1),
  name: modelNameSchema,
  version: positiveInteger,
  description: z.string(),
  licence: z.string(),
  dimensions: positiveInteger,
  vision: z.strictObject({
    image_size: positiveInteger,
    /** Views of a picture, whose pooled features are averaged */
    grid_views: z.literal(GRID_VIEWS).default(1),
    backbones: z.array(backboneSchema).min(1).max(2),
  }),
  text: textSchema,
  head: headOptionsSchema.extend({ weights: fileNameSchema }),
  zero_shot: zeroShotSchema.optional(),
  /** Known vectors, for `panelvec models verify` */
  golden: fileNameSchema.optional(),
  files: z.record(
    fileNameSchema,
    z.strictObject({ bytes: positiveInteger, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type ModelSpec = z.infer<typeof modelSpecSchema>;
/** Everything about a model but the sizes and hashes of its files. */
export type ModelDefinition = Omit<ModelSpec, 'files'>;
/** How pictures are cut and resized for the encoders. */
export type PictureFormat = Pick<ModelSpec['vision'], 'image_size' | 'grid_views'>;
export type BackboneSpec = ModelSpec['vision']['backbones'][number];
export type TextSpec = ModelSpec['text'];
export type VisualEncoderSpec = BackboneSpec['encoder'];
export type TextEncoderSpec = TextSpec['encoder'];

/** Names of the files that decide the vectors of a model. */
export function spaceFiles(spec: ModelDefinition): string[] {
  const encoders = [...spec.vision.backbones, spec.text].map(({ encoder }) => encoderFile(encoder));
  const tokenizer = spec.text.tokenizer === undefined ? [] : [spec.text.tokenizer];
  return [...new Set([...encoders, ...tokenizer, spec.head.weights])];
}

/** Names of the files that a model needs to run. */
export function requiredFiles(spec: ModelDefinition): string[] {
  const { text } = spec.zero_shot ?? {};
  return [...new Set([...spaceFiles(spec), ...(text ? [encoderFile(text.encoder), text.tokenizer] : [])])];
}

export function encoderFile(encoder: VisualEncoderSpec | TextEncoderSpec | ZeroShotTextSpec['encoder']): string {
  return encoder.kind === 'onnx' ? encoder.file : encoder.weights;
}

/** The first visual backbone. Clients normalise the pixels of `/v2` tensors as it expects them. */
export function firstBackbone({ vision }: ModelDefinition): BackboneSpec {
  const [backbone] = vision.backbones;
  if (backbone === undefined) throw new ModelError('vision.backbones: there is none');
  return backbone;
}
