import { BERT_EMPTY_TEXT } from '../../architectures/encoders/text-graph.ts';
import { zeroImage } from '../../architectures/encoders/visual-graph.ts';
import { COMPOSITION_FEATURES, type Modality } from '../../model/modality.ts';
import type { Model } from '../../model/model.ts';
import { loadTokenizer } from '../../preprocess/text-tokenizer.ts';
import { getRows, type HeadSessions, type InputRows } from './head-sessions.ts';
import type { TextEncoder } from './text-encoder.ts';
import type { VisualEncoder } from './visual-encoder.ts';

/** Vectors (d) that stand in for absent modalities before the fusion. */
export type AbsentVectors = Readonly<Record<Modality, Float32Array>>;

/** Zeros: in `present` mode the fusion never looks at an absent modality. */
export function zeroAbsentVectors(dimensions: number): AbsentVectors {
  const zeros = new Float32Array(dimensions);
  return { vision: zeros, text: zeros, composition: zeros };
}

/**
 * The vectors that the original PyTorch code puts there, for `reference` mode, where absent modalities still count: those of
 * an all-zero normalised image, of the text "" and of seven zeros.
 */
export async function referenceAbsentVectors(
  model: Model,
  visual: readonly VisualEncoder[],
  text: TextEncoder,
  head: HeadSessions,
): Promise<AbsentVectors> {
  const pooled: Record<string, InputRows[string]> = {};
  for (const encoder of visual) {
    const { name, features } = encoder.backbone;
    pooled[name] = { data: await encoder.encode([zeroImage(model, encoder.backbone)]), width: features };
  }
  const lacksTokenizer = model.spec.text.tokenizer === undefined;
  const emptyText = lacksTokenizer ? BERT_EMPTY_TEXT : (await loadTokenizer(model)).encode('').tokens;
  const textRows = { data: await text.encode([emptyText]), width: model.spec.text.features };
  const compositionRows = { data: new Float32Array(COMPOSITION_FEATURES), width: COMPOSITION_FEATURES };
  return {
    vision: getRows(await head.run('vision', 1, pooled), 'vision'),
    text: getRows(await head.run('text', 1, { text_features: textRows }), 'text'),
    composition: getRows(await head.run('composition', 1, { comp_feats: compositionRows }), 'composition'),
  };
}
