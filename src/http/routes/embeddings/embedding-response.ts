import { z } from 'zod';
import type { EmbeddedPanel } from '../../../embedding/embedder.ts';
import { PanelvecError } from '../../../errors.ts';
import { OUTPUTS, type Output } from '../../../inference/engine-types.ts';
import { MODALITIES } from '../../../model/modality.ts';
import type { ResolvedOptions } from './embedding-options.ts';

/** Numbers, or base64 of little-endian float32. */
export const vectorSchema = z.union([z.array(z.number()), z.string()]).meta({ id: 'Vector' });
const weightsSchema = z.record(z.string(), z.number());

export const embeddingSchema = z
  .strictObject({
    object: z.literal('embedding'),
    index: z.number().int(),
    embedding: vectorSchema,
    outputs: z
      .partialRecord(z.enum(OUTPUTS), vectorSchema.nullable())
      .optional()
      .describe('Where several were asked for'),
    modalities: z.array(z.enum(MODALITIES)),
    gate: z.strictObject({ vision: z.number(), text: z.number(), composition: z.number() }).nullable(),
    backbones: weightsSchema.optional().describe('Shares of the visual backbones, where the model weighs them'),
    truncated: z.boolean().describe('Whether the text was longer than the encoder takes'),
  })
  .meta({ id: 'Embedding' });

export const usageSchema = z
  .strictObject({ prompt_tokens: z.number().int(), total_tokens: z.number().int() })
  .meta({ id: 'Usage' });

export const embeddingListSchema = z
  .strictObject({
    object: z.literal('list'),
    model: z.string(),
    space: z.string().describe('Space fingerprint: vectors compare exactly when theirs are equal'),
    dimensions: z.number().int(),
    data: z.array(embeddingSchema),
    usage: usageSchema,
  })
  .meta({ id: 'EmbeddingList' });

type Vector = z.infer<typeof vectorSchema>;
export type Embedding = z.infer<typeof embeddingSchema>;

export function toEmbeddingListResponse(
  panels: readonly EmbeddedPanel[],
  options: ResolvedOptions,
): z.infer<typeof embeddingListSchema> {
  return {
    object: 'list',
    ...toModelFields(options),
    data: panels.map((panel, index) => toEmbedding(panel, index, options)),
    usage: toUsage(panels),
  };
}

export function toModelFields({ servedModel: { model }, embedOptions }: ResolvedOptions) {
  return { model: model.id, space: model.space, dimensions: embedOptions.dimensions };
}

export function toUsage(panels: readonly EmbeddedPanel[]): z.infer<typeof usageSchema> {
  const tokens = panels.reduce((total, panel) => total + panel.tokens, 0);
  return { prompt_tokens: tokens, total_tokens: tokens };
}

export function toEmbedding(panel: EmbeddedPanel, index: number, options: ResolvedOptions): Embedding {
  const allOutputs = options.embedOptions.outputs.length > 1 && {
    outputs: Object.fromEntries(
      options.embedOptions.outputs.map((output) => [output, encodeVectorOrNull(panel.vectors[output], options.base64)]),
    ),
  };
  return {
    object: 'embedding',
    index,
    embedding: encodeVector(firstOutputVector(panel, options), options.base64),
    ...allOutputs,
    modalities: [...panel.modalities],
    ...toFusionWeights(panel, options),
    truncated: panel.truncated,
  };
}

/** The vector of the first output. Checked before the work: see assertFirstOutput. */
export function firstOutputVector(panel: EmbeddedPanel, { embedOptions }: ResolvedOptions): Float32Array {
  return panel.vectors[embedOptions.outputs[0]!]!;
}

/**
 * The first output becomes `embedding`, which is never null: every panel must have its modality.
 * @throws PanelvecError invalid_request naming `outputs`
 */
export function assertFirstOutput(output: Output | undefined, isPresent: boolean, param: string): void {
  if (output === undefined || output === 'fused' || isPresent) return;
  const message = `"${output}" is asked for first, but ${param} has nothing of that kind`;
  throw new PanelvecError('invalid_request', message, { param: 'outputs' });
}

export function toFusionWeights(
  { gateWeights: gate, backboneWeights: backbones }: EmbeddedPanel,
  { servedModel }: ResolvedOptions,
): Pick<Embedding, 'gate' | 'backbones'> {
  const names = servedModel.model.spec.vision.backbones.map((backbone) => backbone.name);
  return {
    gate: gate && { vision: gate[0]!, text: gate[1]!, composition: gate[2]! },
    ...(backbones && { backbones: Object.fromEntries(names.map((name, i) => [name, backbones[i]!])) }),
  };
}

export function encodeVector(vector: Float32Array, base64: boolean): Vector {
  // Typed arrays are little-endian on every machine that ONNX Runtime runs on.
  return base64
    ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
    : Array.from(vector);
}

function encodeVectorOrNull(vector: Float32Array | null | undefined, base64: boolean): Vector | null {
  return vector ? encodeVector(vector, base64) : null;
}
