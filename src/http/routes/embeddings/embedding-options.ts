import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EmbedOptions } from '../../../embedding/embedder.ts';
import type { ServedModel } from '../../../embedding/served-model.ts';
import type { ServedModels } from '../../../embedding/served-models.ts';
import { TRUNCATIONS } from '../../../embedding/text-checks.ts';
import { PanelvecError } from '../../../errors.ts';
import { OUTPUTS, type Output } from '../../../inference/engine-types.ts';

/** A boolean, or its text in forms and queries, where clients in Python write True. */
const flagSchema = z.union([
  z.boolean(),
  z.enum(['true', 'false', 'True', 'False']).transform((text) => text.toLowerCase() === 'true'),
]);
/** A positive integer, or its text in forms and queries. */
const sizeSchema = z.union([
  z.number().int().positive(),
  z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'expected a positive integer')
    .transform(Number),
]);
const outputNamesSchema = z
  .array(z.enum(OUTPUTS))
  .refine((names) => new Set(names).size === names.length, 'names repeat')
  .meta({ uniqueItems: true });
const outputsSchema = z.union([
  outputNamesSchema,
  z
    .string()
    .transform((text) => (text === '' ? [] : text.split(',')))
    .pipe(outputNamesSchema),
]);

export const optionFields = {
  model: z
    .string()
    .optional()
    .describe('`name`, `name@version` or an alias; the model of the alias `default` without it'),
  outputs: outputsSchema
    .optional()
    .describe('Vectors in the response, the first as `embedding`; `fused` by default and for none'),
  normalize: flagSchema.optional().describe('Give the vectors unit length; false by default'),
  dimensions: sizeSchema.optional().describe('Keep only so many numbers of each vector'),
  encoding_format: z.enum(['float', 'base64']).optional().describe('base64 holds little-endian float32'),
  truncate: z
    .enum(TRUNCATIONS)
    .optional()
    .describe('A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request'),
  expected_space: z
    .string()
    .optional()
    .describe('Fingerprint of the space of the vectors; 409 if the model has another'),
};

export const optionsSchema = z.strictObject(optionFields);
export type RequestOptions = z.output<typeof optionsSchema>;

/** Options of a request with the model that they are for and all defaults. */
export interface ResolvedOptions {
  readonly servedModel: ServedModel;
  readonly embedOptions: Omit<EmbedOptions, 'outputs'> & { readonly outputs: readonly Output[] };
  /** The output whose vector is a panel's `embedding` */
  readonly firstOutput: Output;
  readonly base64: boolean;
}

/** @throws PanelvecError model_not_found, space_mismatch, or invalid_request for more dimensions than the model has */
export function resolveOptions(
  models: ServedModels,
  options: RequestOptions,
  { contentFraction, quota, schedule }: Pick<FastifyRequest, 'contentFraction' | 'quota' | 'schedule'>,
  signal: AbortSignal,
): ResolvedOptions {
  const servedModel = models.find(options.model, {
    fraction: contentFraction,
    expectedSpace: options.expected_space,
  });
  const { id, space, spec } = servedModel.model;
  if (options.expected_space !== undefined && options.expected_space !== space) {
    const message = `${id} embeds into the space ${space}, not ${options.expected_space}`;
    throw new PanelvecError('space_mismatch', message, { param: 'expected_space' });
  }
  const dimensions = options.dimensions ?? spec.dimensions;
  if (dimensions > spec.dimensions) {
    const message = `${id} has ${spec.dimensions} dimensions, not ${dimensions}`;
    throw new PanelvecError('invalid_request', message, { param: 'dimensions' });
  }
  const outputs: readonly Output[] = options.outputs?.length ? options.outputs : ['fused'];
  const [firstOutput = 'fused'] = outputs;
  return {
    servedModel,
    embedOptions: {
      outputs,
      normalize: options.normalize ?? false,
      dimensions,
      truncation: options.truncate,
      signal,
      quota,
      ...schedule,
    },
    firstOutput,
    base64: options.encoding_format === 'base64',
  };
}
