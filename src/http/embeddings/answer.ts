import { z } from 'zod';
import type { EmbeddedPanel } from '../../embedding/embedder.ts';
import { PanelvecError } from '../../errors.ts';
import { OUTPUTS, type Output } from '../../inference/contract.ts';
import { MODALITIES } from '../../model/head/head-spec.ts';
import type { ResolvedOptions } from './options.ts';

/** Numbers, or base64 of little-endian float32. */
export const vectorSchema = z.union([z.array(z.number()), z.string()]).meta({ id: 'Vector' });
const sharesSchema = z.record(z.string(), z.number());

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
    backbones: sharesSchema.optional().describe('Shares of the visual backbones, where the model weighs them'),
    truncated: z.boolean().describe('Whether the text was longer than the encoder takes'),
  })
  .meta({ id: 'Embedding' });

export const usageSchema = z
  .strictObject({ prompt_tokens: z.number().int(), total_tokens: z.number().int() })
  .meta({ id: 'Usage' });

export const listSchema = z
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

export function listAnswer(panels: readonly EmbeddedPanel[], options: ResolvedOptions): z.infer<typeof listSchema> {
  return {
    object: 'list',
    ...modelFields(options),
    data: panels.map((panel, index) => embeddingOf(panel, index, options)),
    usage: usageOf(panels),
  };
}

export function modelFields({ served: { model }, embed }: ResolvedOptions) {
  return { model: model.id, space: model.space, dimensions: embed.dimensions };
}

export function usageOf(panels: readonly EmbeddedPanel[]): z.infer<typeof usageSchema> {
  const tokens = panels.reduce((total, panel) => total + panel.tokens, 0);
  return { prompt_tokens: tokens, total_tokens: tokens };
}

export function embeddingOf(panel: EmbeddedPanel, index: number, options: ResolvedOptions): Embedding {
  const several = options.embed.outputs.length > 1 && {
    outputs: Object.fromEntries(
      options.embed.outputs.map((output) => [output, encodeNullable(panel.vectors[output], options.base64)]),
    ),
  };
  return {
    object: 'embedding',
    index,
    embedding: encodeVector(mainVector(panel, options), options.base64),
    ...several,
    modalities: [...panel.modalities],
    ...sharesOf(panel, options),
    truncated: panel.truncated,
  };
}

/** The vector of the first output. Checked before the work: see assertFirstOutput. */
export function mainVector(panel: EmbeddedPanel, { embed }: ResolvedOptions): Float32Array {
  return panel.vectors[embed.outputs[0]!]!;
}

/**
 * The first output becomes `embedding`, which is never null: every panel must have its modality.
 * @throws PanelvecError invalid_request naming `outputs`
 */
export function assertFirstOutput(output: Output | undefined, present: boolean, param: string): void {
  if (output === undefined || output === 'fused' || present) return;
  const message = `"${output}" is asked for first, but ${param} has nothing of that kind`;
  throw new PanelvecError('invalid_request', message, { param: 'outputs' });
}

export function sharesOf(
  { gate, backbones }: EmbeddedPanel,
  { served }: ResolvedOptions,
): Pick<Embedding, 'gate' | 'backbones'> {
  const names = served.model.spec.vision.backbones.map((backbone) => backbone.name);
  return {
    gate: gate && { vision: gate[0]!, text: gate[1]!, composition: gate[2]! },
    ...(backbones && { backbones: Object.fromEntries(names.map((name, at) => [name, backbones[at]!])) }),
  };
}

export function encodeVector(vector: Float32Array, base64: boolean): Vector {
  // Typed arrays are little-endian on every machine that ONNX Runtime runs on.
  return base64
    ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
    : Array.from(vector);
}

function encodeNullable(vector: Float32Array | null | undefined, base64: boolean): Vector | null {
  return vector ? encodeVector(vector, base64) : null;
}
