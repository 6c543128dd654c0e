import { EVALUATION } from '../../architectures/head/layers.ts';
import type { GraphDefinition } from '../../graph/emit/emit.ts';
import type { Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import type { Modality } from '../../model/modality.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { ObjectiveOptions } from '../training-spec.ts';
import { parametersToInputs } from './backward-graph.ts';
import { batchInputs, batchLosses, singleModalityMask } from './batch-losses.ts';
import type { EncoderOutputs } from './encoder-outputs.ts';

/** The modality of each view that shows one alone; the view `whole` shows all that a panel has. */
const SINGLE_MODALITY_VIEWS = { image: 'vision', text: 'text' } as const satisfies Record<string, Modality>;

/**
 * One batch as in inference: the losses, and each panel's fused vectors (n, d) of the whole panel, of its picture alone and of
 * its text alone.
 * @param variableKeys weights that change from run to run: they become inputs of the same name
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
