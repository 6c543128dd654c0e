import { BERT_EMPTY_TEXT } from '../../architectures/encoders/text-graph.ts';
import { zeroImage } from '../../architectures/encoders/visual-graph.ts';
import { PanelvecError } from '../../errors.ts';
import type { AbsentFeatures } from '../../evaluation/baselines/baseline.ts';
import type { EngineItem, PooledFeatures } from '../../inference/engine-types.ts';
import type { ModelWithEngines, TaskContext } from '../job-kind.ts';
import { requireFinite } from '../pages/compute-panels.ts';

/** What stands in for absent modalities where a fusion lets them in. */
export interface AbsentFeaturesOf {
  /** A black picture, and padding alone instead of a text */
  readonly v1: AbsentFeatures;
  /** A picture of the mean colour, and the empty text */
  readonly reference: AbsentFeatures;
}

/** Runs the encoders of a model over what stands in for absent modalities. */
export async function computeAbsentFeatures(
  modelId: string,
  { resources, signal }: Pick<TaskContext, 'resources' | 'signal'>,
): Promise<AbsentFeaturesOf> {
  using opened: ModelWithEngines = await resources.openModel(modelId);
  const { model, tokenizer } = opened.servedModel;
  const { vision, text } = model.spec;
  const encode = async (content: Partial<Pick<EngineItem, 'pixels' | 'tokens'>>): Promise<PooledFeatures> => {
    const item = { pixels: null, tokens: null, ...content, composition: null, wantsFeatures: true };
    const outputs = content.tokens ? (['text'] as const) : (['vision'] as const);
    const { features } = await opened.engines.runBulk(model.id, { ...item, outputs }, signal);
    if (features === undefined) throw new PanelvecError('internal', `${model.id} gives no features`);
    return features;
  };
  const black = (await encode({ pixels: new Uint8Array(3 * vision.image_size ** 2) })).vision ?? {};
  for (const [name, features] of Object.entries(black))
    requireFinite(features, `what stands for an absent picture, the ${name} feature vector of a black one,`);
  const meanColour: Record<string, Float32Array> = {};
  for (const backbone of vision.backbones) {
    const features = (await encode({ pixels: zeroImage(model, backbone) })).vision?.[backbone.name];
    if (features === undefined) continue;
    const description = `what stands for an absent picture, the ${backbone.name} feature vector of the mean colour,`;
    meanColour[backbone.name] = requireFinite(features, description);
  }
  const emptyText = (await encode({ tokens: tokenizer?.encode('').tokens ?? BERT_EMPTY_TEXT })).text;
  if (emptyText === undefined) throw new PanelvecError('internal', `${model.id} gives no features for the empty text`);
  return {
    v1: { vision: black, text: new Float32Array(text.features) },
    reference: { vision: meanColour, text: emptyText },
  };
}
