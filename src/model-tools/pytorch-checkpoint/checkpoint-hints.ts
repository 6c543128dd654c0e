import { z } from 'zod';
import { FUSION_MODES, TEXT_TRANSFORMS, VISION_TRANSFORMS } from '../../model/head-spec.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import { GRID_VIEWS } from '../../model/model-spec.ts';
import { PRECISIONS } from '../../model/spec-fields.ts';
import { WeightsError } from '../../weights/weights-error.ts';

const nonZero = z.number().refine((value) => value !== 0, 'must not be zero');

/** Properties of a model that keys and shapes of its weights do not tell. All are optional. */
const hintsSchema = z.object({
  siglip_heads: z.number().int().positive().optional(),
  text_heads: z.number().int().positive().optional(),
  image_size: z.number().int().positive().optional(),
  grid_views: z.literal(GRID_VIEWS).optional(),
  max_tokens: z.number().int().positive().optional(),
  pooled_layers: z.array(z.number().int().positive()).min(1).optional(),
  fusion_mode: z.enum(FUSION_MODES).optional(),
  vision_transform: z.enum(VISION_TRANSFORMS).optional(),
  text_transform: z.enum(TEXT_TRANSFORMS).optional(),
  precision: z.record(z.string(), z.enum(PRECISIONS)).optional(),
  normalisation: z
    .record(
      z.string(),
      z.object({
        mean: z.tuple([z.number(), z.number(), z.number()]),
        std: z.tuple([nonZero, nonZero, nonZero]),
      }),
    )
    .optional(),
});
export type CheckpointHints = z.infer<typeof hintsSchema>;

/** Sizes that the author of a checkpoint may have put into its metadata. */
const configSchema = z.object({
  sizes: z
    .object({
      siglip: z
        .object({ heads: z.number().int().positive(), image: z.number().int().positive().optional() })
        .optional(),
      bert: z.object({ heads: z.number().int().positive() }).optional(),
    })
    .optional(),
});

const METADATA_KEY = 'panelvec';

/** Reads the hints in a safetensors file's metadata: `panelvec`, which our exports have, or `config`. @throws WeightsError */
export function parseHints(file: string, metadata: Readonly<Record<string, string>>): CheckpointHints {
  if (metadata[METADATA_KEY] !== undefined)
    return parseJson(hintsSchema, metadata[METADATA_KEY], `${file}: metadata ${METADATA_KEY}`);
  if (metadata['config'] === undefined) return {};
  const { sizes } = parseJson(configSchema, metadata['config'], `${file}: metadata config`);
  return {
    siglip_heads: sizes?.siglip?.heads,
    text_heads: sizes?.bert?.heads,
    image_size: sizes?.siglip?.image,
  };
}

/** Metadata for a safetensors file, from which `parseHints` reads the same hints. */
export function encodeHints({ vision, text, head }: ModelDefinition): Record<string, string> {
  const siglip = vision.backbones.map(({ encoder }) => encoder).find((encoder) => encoder.kind === 'siglip');
  const hints: CheckpointHints = {
    siglip_heads: siglip?.heads,
    text_heads: text.encoder.kind === 'bert' ? text.encoder.heads : undefined,
    image_size: vision.image_size,
    grid_views: vision.grid_views,
    max_tokens: text.max_tokens,
    pooled_layers: text.encoder.kind === 'bert' ? text.encoder.pooled_layers : undefined,
    fusion_mode: head.fusion_mode,
    vision_transform: head.vision_transform,
    text_transform: head.text_transform,
    precision: Object.fromEntries(
      [...vision.backbones, { name: 'text', encoder: text.encoder }].map(({ name, encoder }) => [
        name,
        encoder.kind === 'onnx' ? 'fp32' : encoder.precision,
      ]),
    ),
    normalisation: Object.fromEntries(vision.backbones.map(({ name, mean, std }) => [name, { mean, std }])),
  };
  return { format: 'pt', [METADATA_KEY]: JSON.stringify(hints) };
}

function parseJson<T extends z.ZodType>(schema: T, text: string, label: string): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new WeightsError(`${label} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path = [], message } = parsed.error.issues[0] ?? {};
  throw new WeightsError(`${label}: ${path.join('.')}: ${message}`);
}
