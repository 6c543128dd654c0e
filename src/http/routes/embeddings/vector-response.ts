import { z } from 'zod';
import type { EmbeddedPanel } from '../../../embedding/embedder.ts';
import { PanelvecError } from '../../../errors.ts';
import type { Output } from '../../../inference/engine-types.ts';
import { MODALITIES, type Modality } from '../../../model/modality.ts';
import { elementAt } from '../../../util/arrays.ts';
import { toShortNumber, toShortNumbers } from '../../../util/short-numbers.ts';
import type { ResolvedOptions } from './embedding-options.ts';

/** Numbers, or base64 of little-endian float32. */
export const vectorSchema = z.union([z.array(z.number()), z.string()]).meta({ id: 'Vector' });
export type Vector = z.infer<typeof vectorSchema>;

/** Fields of an embedded panel beside its vectors */
export const panelFields = {
  modalities: z.array(z.enum(MODALITIES)),
  gate: z.strictObject({ vision: z.number(), text: z.number(), composition: z.number() }).nullable(),
  backbones: z
    .record(z.string(), z.number())
    .optional()
    .describe('Weights of the visual backbones, if the model weighs them'),
  truncated: z.boolean().describe('Whether the text was longer than the encoder takes'),
  unknown_tokens: z.number().int().describe('Tokens of the text that the vocabulary of the model lacks'),
  unknown_text: z.boolean().describe('Whether the vocabulary has no word of the text, which then counts as absent'),
};
const panelFieldsSchema = z.strictObject(panelFields);

export function toPanelFields(
  { modalities, gateWeights, backboneWeights, reading }: EmbeddedPanel,
  { servedModel: { model } }: ResolvedOptions,
): z.infer<typeof panelFieldsSchema> {
  const backboneNames = model.spec.vision.backbones.map(({ name }) => name);
  return {
    modalities: [...modalities],
    gate: gateWeights && {
      vision: toShortNumber(elementAt(gateWeights, 0)),
      text: toShortNumber(elementAt(gateWeights, 1)),
      composition: toShortNumber(elementAt(gateWeights, 2)),
    },
    ...(backboneWeights && {
      backbones: Object.fromEntries(
        backboneNames.map((name, i) => [name, toShortNumber(elementAt(backboneWeights, i))]),
      ),
    }),
    truncated: reading?.truncated ?? false,
    unknown_tokens: reading?.unknownTokens ?? 0,
    unknown_text: reading?.isUnknown ?? false,
  };
}

/**
 * Checks before any work that a panel has the modality of the first output, whose vector is never null.
 * @param subject the name of the panel in the message
 * @throws PanelvecError invalid_request naming `outputs`
 */
export function assertHasFirstOutput(
  { firstOutput }: ResolvedOptions,
  modalities: readonly Modality[],
  subject: string,
): void {
  if (firstOutput === 'fused' || modalities.includes(firstOutput)) return;
  const message = `the first output is "${firstOutput}", which ${subject} does not have`;
  throw new PanelvecError('invalid_request', message, { param: 'outputs' });
}

/** The vector of the first output. */
export function firstOutputVector({ vectors }: EmbeddedPanel, { firstOutput }: ResolvedOptions): Float32Array {
  const vector = vectors[firstOutput];
  if (!vector) throw new PanelvecError('internal', `the panel has no ${firstOutput} vector`);
  return vector;
}

/** A value for each requested output by name; undefined for a single one, which has a field of its own. */
export function mapOutputs<T>(
  { embedOptions: { outputs } }: ResolvedOptions,
  toValue: (output: Output) => T,
): Partial<Record<Output, T>> | undefined {
  return outputs.length > 1 ? Object.fromEntries(outputs.map((output) => [output, toValue(output)])) : undefined;
}

export function encodeVector(vector: Float32Array, { base64 }: ResolvedOptions): Vector {
  // Typed arrays are little-endian on every machine that ONNX Runtime runs on.
  return base64
    ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
    : toShortNumbers(vector);
}

/** The vector of any output; null where the panel lacks its modality. */
export function encodeOutput({ vectors }: EmbeddedPanel, output: Output, options: ResolvedOptions): Vector | null {
  const vector = vectors[output];
  return vector ? encodeVector(vector, options) : null;
}
