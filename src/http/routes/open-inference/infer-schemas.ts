import { z } from 'zod';
import { DATATYPE_NAMES } from './datatypes.ts';

// Bodies of the Open Inference Protocol (KServe v2, REST) and its binary tensor extension, with the names of the protocol.
const sizeSchema = z.number().int().nonnegative();
/** Unknown parameters and fields are ignored everywhere, as the protocol requires. */
const parametersSchema = z.object({
  binary_data_size: sizeSchema.optional().describe('Bytes of this tensor after the JSON, in place of data'),
  binary_data: z.boolean().optional().describe('Respond with this output as binary after the JSON'),
});

/** Other servers take texts as BYTES. */
const DATATYPE_ERROR = `expected ${DATATYPE_NAMES.join(', ')}; send texts as input_ids and attention_mask, or to /v1/embeddings/text`;

const inputSchema = z.object({
  name: z.string(),
  shape: z.array(sizeSchema).min(1).max(8),
  datatype: z.enum(DATATYPE_NAMES, DATATYPE_ERROR),
  parameters: parametersSchema.optional(),
  /** Checked when the tensor is read: a schema would copy half a million elements. */
  data: z
    .unknown()
    .refine((data) => data === undefined || Array.isArray(data), 'expected an array')
    .optional()
    .describe('Elements in row-major order, nested or flat'),
});

export const inferRequestSchema = z
  .looseObject({
    id: z.string().optional(),
    parameters: z.object({ binary_data_output: z.boolean().optional() }).optional(),
    inputs: z.array(inputSchema).min(1),
    outputs: z
      .array(z.object({ name: z.string(), parameters: parametersSchema.optional() }))
      .optional()
      .describe('By default, and for an empty list, every output that the inputs allow'),
  })
  .meta({ description: 'Inputs: images, input_ids, attention_mask, comp_feats, modality_mask' });

export type InferRequest = z.output<typeof inferRequestSchema>;
export type InputTensor = InferRequest['inputs'][number];

export const inferResponseSchema = z
  .strictObject({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(
      z.strictObject({
        name: z.string(),
        datatype: z.literal('FP32'),
        shape: z.array(sizeSchema),
        parameters: z.strictObject({ binary_data_size: sizeSchema }).optional(),
        data: z.array(z.number()).optional(),
      }),
    ),
  })
  .meta({ id: 'InferAnswer' });
export type InferResponse = z.infer<typeof inferResponseSchema>;
