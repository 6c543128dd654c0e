import { EVALUATION } from '../../architectures/head/layers.ts';
import type { GraphDefinition } from '../../graph/emit/emit.ts';
import type { Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import type { Modality } from '../../model/modality.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { ObjectiveOptions } from '../training-spec.ts';
import { parametersToInputs } from './backward-graph.ts';
import { batchInputs, batchLosses, type EncoderOutputs, singleModalityMask } from './batch-losses.ts';

/** What is shown of a panel for each of its vectors; `whole` is all that it has. */
const SINGLE_MODALITY_VIEWS = { image: 'vision', text: 'text' } as const satisfies Record<string, Modality>;
/** Outputs with the vectors (n, d). */
export const VIEWS = ['whole', 'image', 'text'] as const;

/**
 * One batch as it is when the model is used: the losses, and each panel's fused vectors (n, d), whole, by its picture alone
 * and by its words alone.
 * @param variableKeys weights that change from run to run: inputs of the graph under their names
 */
export function evaluationGraph(
  weights: WeightSource,
  spec: HeadSpec,
  options: ObjectiveOptions,
  encoderOutputs: EncoderOutputs,
  variableKeys: ReadonlySet<string>,
): GraphDefinition {
  const batch = batchInputs();
  const { loss, objectiveLosses, fuse } = batchLosses(weights, spec, options, EVALUATION, encoderOutputs, batch);
  const outputs: Record<string, Value> = { loss, ...objectiveLosses, whole: fuse(batch.present) };
  for (const [view, modality] of Object.entries(SINGLE_MODALITY_VIEWS))
    outputs[view] = fuse(singleModalityMask(modality, batch.present));
  return { name: 'evaluation', outputs: parametersToInputs(outputs, variableKeys) };
}
