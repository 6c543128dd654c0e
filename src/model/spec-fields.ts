import { z } from 'zod';

/** The name of a file in the model's folder, without a path. */
export const fileNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a plain file name');
/** Part of the keys of the head's weights where a model has two backbones: `vision.<name>.adaptation` */
export const backboneNameSchema = z.string().regex(/^[a-z][a-z0-9_]*$/);
export const positiveInteger = z.number().int().positive();

/**
 * Number formats of an encoder. `int8` quantises the weights of linear layers by column, and their inputs at run time;
 * `fp16` halves weights and activations, for GPUs.
 */
export const PRECISIONS = ['fp32', 'int8', 'fp16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** An encoder whose architecture is code: its safetensors file, and the prefix of its keys in it. */
export const codeFields = {
  weights: fileNameSchema,
  prefix: z.string().default(''),
  precision: z.enum(PRECISIONS).default('fp32'),
};
/** The shapes of the weights do not tell the number of attention heads. */
export const transformerFields = { ...codeFields, heads: positiveInteger };
