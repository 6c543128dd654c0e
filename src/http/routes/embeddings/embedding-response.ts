import { z } from 'zod';
import type { EmbeddedPanel } from '../../../embedding/embedder.ts';
import { OUTPUTS } from '../../../inference/engine-types.ts';
import type { ResolvedOptions } from './embedding-options.ts';
import {
  encodeOutput,
  encodeVector,
  firstOutputVector,
  mapOutputs,
  panelFields,
  toPanelFields,
  vectorSchema,
} from './vector-response.ts';

export const embeddingSchema = z
  .strictObject({
    object: z.literal('embedding'),
    index: z.number().int(),
    embedding: vectorSchema,
    outputs: z
      .partialRecord(z.enum(OUTPUTS), vectorSchema.nullable())
      .optional()
      .describe('Present if several outputs are requested'),
    ...panelFields,
  })
  .meta({ id: 'Embedding' });
export type Embedding = z.infer<typeof embeddingSchema>;

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

/** The fields of a list beside its items. */
export function toListFields(
  panels: readonly EmbeddedPanel[],
  options: ResolvedOptions,
): Omit<z.infer<typeof embeddingListSchema>, 'data'> {
  return { object: 'list', ...toModelFields(options), usage: toUsage(panels) };
}

export function toEmbedding(panel: EmbeddedPanel, index: number, options: ResolvedOptions): Embedding {
  return {
    object: 'embedding',
    index,
    embedding: encodeVector(firstOutputVector(panel, options), options),
    outputs: mapOutputs(options, (output) => encodeOutput(panel, output, options)),
    ...toPanelFields(panel, options),
  };
}

export function toModelFields({ servedModel: { model }, embedOptions }: ResolvedOptions) {
  return { model: model.id, space: model.space, dimensions: embedOptions.dimensions };
}

export function toUsage(panels: readonly EmbeddedPanel[]): z.infer<typeof usageSchema> {
  const tokens = panels.reduce((total, panel) => total + panel.tokens, 0);
  return { prompt_tokens: tokens, total_tokens: tokens };
}
