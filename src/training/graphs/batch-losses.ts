import type { HeadMode } from '../../architectures/head/layers.ts';
import { Add, ExpandLike, Mul, Reshape, Slice } from '../../graph/ops/operators.ts';
import { constant, type InputValue, input, scalar, type Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import { COMPOSITION_FEATURES, MODALITIES, type Modality } from '../../model/modality.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { columnInput } from '../graph-inputs.ts';
import { alignment } from '../objectives/alignment.ts';
import { contrastive } from '../objectives/contrastive.ts';
import { reconstruction } from '../objectives/reconstruction.ts';
import { COLUMNS } from '../training-columns.ts';
import type { Objective, ObjectiveOptions } from '../training-spec.ts';
import type { EncoderOutputs } from './encoder-outputs.ts';
import { type HeadArchitecture, SERVED_HEAD } from './head-architecture.ts';

/** The inputs of a batch of n panels on p pages, beside those of the encoders. No row is padding. */
export interface BatchInputs {
  /** int64 (n): the index of the panel's page */
  readonly page: InputValue;
  /** (n, 7) */
  readonly composition: InputValue;
  /** (n, 3): ones for the modalities that each panel has */
  readonly present: InputValue;
  /** (n, 3): ones for those that the fusion sees */
  readonly shown: InputValue;
  /** int64 (p): the row of the hidden panel of each page */
  readonly maskedRows: InputValue;
  /** (p): ones for pages that have other panels */
  readonly maskedCounts: InputValue;
}

export function batchInputs(): BatchInputs {
  return {
    page: input('page', 'int64', ['n']),
    composition: input(columnInput(COLUMNS.composition), 'float32', ['n', COMPOSITION_FEATURES]),
    present: input(columnInput(COLUMNS.present), 'float32', ['n', MODALITIES.length]),
    shown: input('shown', 'float32', ['n', MODALITIES.length]),
    maskedRows: input('masked_rows', 'int64', ['p']),
    maskedCounts: input('masked_counts', 'float32', ['p']),
  };
}

export interface BatchLosses {
  readonly loss: Value;
  /** Unweighted, of the objectives that have a weight */
  readonly objectiveLosses: Readonly<Partial<Record<Objective, Value>>>;
  /** The batch's fused vectors (n, d) under a mask (n, 3) */
  fuse(mask: Value): Value;
}

/**
 * The losses of one batch, with the head in the given mode.
 * @throws WeightsError naming the first key that is missing or misshapen
 */
export function batchLosses(
  weights: WeightSource,
  spec: HeadSpec,
  options: ObjectiveOptions,
  mode: HeadMode,
  encoderOutputs: EncoderOutputs,
  batch: BatchInputs,
  architecture: HeadArchitecture = SERVED_HEAD,
): BatchLosses {
  const { vision, text, fuse: fuseVectors } = architecture.build(weights, spec, mode, { ...encoderOutputs, ...batch });
  const fuse = (mask: Value) => fuseVectors(mask).fused;
  const { temperature, symmetric_alignment: symmetric, weights: objectiveWeights } = options;
  const shownVectors = fuse(batch.shown);
  const presence = (column: number) => Reshape(Slice(batch.present, [column], [column + 1], [1]), [-1]);
  const [hasImage, hasText] = [presence(0), presence(1)];

  const builders: { readonly [O in Objective]: () => Value } = {
    contrastive: () => contrastive(shownVectors, batch.page, temperature),
    reconstruction: () =>
      reconstruction(weights, mode, {
        vectors: shownVectors,
        page: batch.page,
        masked: { rows: batch.maskedRows, counts: batch.maskedCounts },
        detachTarget: options.detach_target,
      }),
    alignment: () => alignment(vision, text, Mul(hasImage, hasText), { temperature, symmetric }),
    fused_alignment: () => {
      const allVectors = fuse(batch.present);
      const alignSingleModality = (modality: Modality, has: Value) =>
        alignment(fuse(singleModalityMask(modality, batch.present)), allVectors, has, { temperature, symmetric });
      return Mul(Add(alignSingleModality('vision', hasImage), alignSingleModality('text', hasText)), scalar(0.5));
    },
  };
  const activeObjectives = (Object.keys(builders) as Objective[]).filter((name) => objectiveWeights[name] > 0);
  const objectiveLosses = Object.fromEntries(activeObjectives.map((name) => [name, builders[name]()])) as Record<
    Objective,
    Value
  >;
  const weighted = activeObjectives.map((name) => Mul(objectiveLosses[name], scalar(objectiveWeights[name])));
  return { loss: weighted.reduce((sum, part) => Add(sum, part)), objectiveLosses, fuse };
}

/** A mask (n, 3) that shows one modality alone. */
export function singleModalityMask(modality: Modality, present: Value): Value {
  const columns = MODALITIES.map((other) => (other === modality ? 1 : 0));
  return ExpandLike(constant('float32', [1, MODALITIES.length], columns), present);
}
