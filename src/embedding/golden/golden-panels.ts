import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { COMPOSITION_FEATURES } from '../../model/modality.ts';
import { type Model, modelFilePath } from '../../model/model.ts';
import { ModelError } from '../../model/model-error.ts';
import type { ServedModel } from '../served-model.ts';

const goldenInputSchema = z.strictObject({
  /** Of the picture that `drawPicture` draws */
  pattern: z.number().int().nullable(),
  text: z.string().nullable(),
  composition: z.array(z.number()).length(COMPOSITION_FEATURES).nullable(),
});
export type GoldenInput = z.infer<typeof goldenInputSchema>;

/** A panel with a known fused vector. */
export const goldenPanelSchema = goldenInputSchema.extend({
  /** base64 of little-endian float32 numbers */
  fused: z.string(),
});
export type GoldenPanel = z.infer<typeof goldenPanelSchema>;

const goldenSchema = z.object({ panels: z.array(goldenPanelSchema) });

/** Inputs of models that have no file of golden panels: each modality alone, and all together. */
const DEFAULT_INPUTS: readonly GoldenInput[] = [
  { pattern: 3, text: null, composition: null },
  { pattern: null, text: 'A young witch and her orange cat sit on a bed', composition: null },
  { pattern: null, text: null, composition: [0.8, 0.3, 0.5, 0.1, 0.2, 0.5, 0.4] },
  { pattern: 5, text: 'KABOOM!', composition: [1.5, 0.2, 0.4, 0, 0, 0.25, 0.75] },
];

/** Reads the golden panels of a model, computed on a CPU; none if it has no file of them. @throws ModelError */
export async function readGoldenPanels(model: Model): Promise<readonly GoldenPanel[]> {
  const { golden } = model.spec;
  if (golden === undefined) return [];
  const file = modelFilePath(model, golden);
  try {
    return goldenSchema.parse(JSON.parse(await readFile(file, 'utf8'))).panels;
  } catch (cause) {
    throw new ModelError(`${file} holds no golden vectors`, { cause });
  }
}

/** What a model is checked with: the inputs of its golden panels, else some that every model can take. */
export async function goldenInputs({ model, tokenizer }: ServedModel): Promise<readonly GoldenInput[]> {
  const panels = await readGoldenPanels(model);
  if (panels.length > 0) return panels.map(({ fused: _, ...input }) => input);
  return DEFAULT_INPUTS.filter(({ text }) => text === null || tokenizer !== undefined);
}

/** Golden panels of inputs and the vectors that an engine has computed of them. */
export function toGoldenPanels(inputs: readonly GoldenInput[], vectors: readonly Float32Array[]): GoldenPanel[] {
  return inputs.map((input, i) => {
    const vector = vectors[i];
    if (vector === undefined) throw new Error('no engine has computed a golden panel');
    return { ...input, fused: encodeVector(vector) };
  });
}

function encodeVector({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

export function decodeVector(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}
