import { z } from 'zod';
import { headOptionsSchema } from './head-spec.ts';

/** A file of the model's own folder: no way out of it. */
const fileNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a plain file name');
export const modelNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be lower-case letters, digits, dots, dashes');
const rgbSchema = z.tuple([z.number(), z.number(), z.number()]);
const positiveInteger = z.number().int().positive();

/**
 * In which numbers an encoder computes. `int8` quantises the weights of its linear layers by column and what they are
 * multiplied with at run time; `fp16` halves weights and activations, for GPUs.
 */
export const PRECISIONS = ['fp32', 'int8', 'fp16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** An encoder that is code here: a safetensors file, and what stands before its keys there. */
const codeFields = {
  weights: fileNameSchema,
  prefix: z.string().default(''),
  precision: z.enum(PRECISIONS).default('fp32'),
};
/** The number of attention heads leaves no trace in the weights. */
const transformerFields = { ...codeFields, heads: positiveInteger };

const visualEncoderSchema = z.discriminatedUnion('kind', [
  /** Any frozen ONNX encoder of normalised pixels float32 (n, 3, size, size), opset 13 or later. */
  z.strictObject({ kind: z.literal('onnx'), file: fileNameSchema, input: z.string(), output: z.string() }),
  z.strictObject({ kind: z.literal('siglip'), ...transformerFields }),
  z.strictObject({ kind: z.literal('resnet'), ...codeFields }),
]);

const backboneSchema = z.strictObject({
  /** In the keys of the head's weights where there are two: `vision.<name>.adaptation` */
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  encoder: visualEncoderSchema,
  /** Width of the pooled features, the encoder's output (n, features) */
  features: positiveInteger,
  /** Normalisation of RGB in 0..1: (pixel - mean) / std */
  mean: rgbSchema,
  std: rgbSchema.refine((values) => values.every((value) => value !== 0), 'must not be zero'),
});

const textEncoderSchema = z.discriminatedUnion('kind', [
  /** Any frozen ONNX encoder of int64 token ids and mask (n, t) to pooled features (n, features). */
  z.strictObject({
    kind: z.literal('onnx'),
    file: fileNameSchema,
    input_ids: z.string(),
    attention_mask: z.string(),
    output: z.string(),
  }),
  z.strictObject({ kind: z.literal('bert'), ...transformerFields }),
]);

const textSchema = z.strictObject({
  encoder: textEncoderSchema,
  features: positiveInteger,
  /** In the form of Hugging Face's tokenizer.json; a model without one takes token ids alone */
  tokenizer: fileNameSchema.optional(),
  /** Number of token ids, where callers that send ids are to be held to it */
  vocabulary: positiveInteger.optional(),
  /** Texts are cut to this many tokens, special ones included. */
  max_tokens: positiveInteger,
});

/** model.json: what a model is made of. Everything but name, version and prose is part of the space fingerprint. */
export const modelSpecSchema = z.strictObject({
  format: z.literal(1),
  name: modelNameSchema,
  version: positiveInteger,
  description: z.string(),
  licence: z.string(),
  dimensions: positiveInteger,
  vision: z.strictObject({ image_size: positiveInteger, backbones: z.array(backboneSchema).min(1).max(2) }),
  text: textSchema,
  head: headOptionsSchema.extend({ weights: fileNameSchema }),
  /** Known answers, for `panelvec models verify` */
  golden: fileNameSchema.optional(),
  files: z.record(
    fileNameSchema,
    z.strictObject({ bytes: positiveInteger, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type ModelSpec = z.infer<typeof modelSpecSchema>;
export type BackboneSpec = ModelSpec['vision']['backbones'][number];
export type TextSpec = ModelSpec['text'];
export type VisualEncoderSpec = BackboneSpec['encoder'];
export type TextEncoderSpec = TextSpec['encoder'];

/** The files that a model cannot run without. */
export function requiredFiles(spec: Omit<ModelSpec, 'files'>): string[] {
  const encoders = [...spec.vision.backbones, spec.text].map(({ encoder }) => encoderFile(encoder));
  const tokenizer = spec.text.tokenizer === undefined ? [] : [spec.text.tokenizer];
  return [...new Set([...encoders, ...tokenizer, spec.head.weights])];
}

export function encoderFile(encoder: VisualEncoderSpec | TextEncoderSpec): string {
  return encoder.kind === 'onnx' ? encoder.file : encoder.weights;
}
