import { BERT_EMPTY_TEXT } from '../../architectures/encoders/text-graph.ts';
import { zeroImage } from '../../architectures/encoders/visual-graph.ts';
import { COMPOSITION_FEATURES } from '../../model/modality.ts';
import type { Model } from '../../model/model.ts';
import { loadTokenizer } from '../../preprocess/text-tokenizer.ts';
import type { HeadSessions } from './head-sessions.ts';
import type { TextEncoder } from './text-encoder.ts';
import type { VisualEncoder } from './visual-encoder.ts';

/** Vectors (d) that stand in for absent modalities before the fusion, in the order of the mask. */
export type AbsentVectors = readonly [Float32Array, Float32Array, Float32Array];

/** In `present` mode the fusion never looks at an absent slot: zeros will do. */
export function zeroAbsentVectors(dimensions: number): AbsentVectors {
  return [new Float32Array(dimensions), new Float32Array(dimensions), new Float32Array(dimensions)];
}

/**
 * What the original puts there, for `reference` mode, where absent slots still count: the vectors of an all-zero
 * normalised image, of the text "" and of seven zeros.
 */
export async function referenceAbsentVectors(
  model: Model,
  visual: readonly VisualEncoder[],
  text: TextEncoder,
  head: HeadSessions,
): Promise<AbsentVectors> {
  const pooled: Record<string, { data: Float32Array; width: number }> = {};
  for (const [i, backbone] of model.spec.vision.backbones.entries()) {
    const data = await visual[i]!.encode([zeroImage(model, backbone)]);
    pooled[backbone.name] = { data, width: backbone.features };
  }
  const lacksTokenizer = model.spec.text.tokenizer === undefined;
  const emptyText = lacksTokenizer ? BERT_EMPTY_TEXT : (await loadTokenizer(model)).encode('').tokens;
  const textRows = { data: await text.encode([emptyText]), width: model.spec.text.features };
  const compositionRows = { data: new Float32Array(COMPOSITION_FEATURES), width: COMPOSITION_FEATURES };
  return [
    (await head.run('vision', 1, pooled))['vision']!,
    (await head.run('text', 1, { text_features: textRows }))['text']!,
    (await head.run('composition', 1, { comp_feats: compositionRows }))['composition']!,
  ];
}
