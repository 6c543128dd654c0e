import { Add, ExpandLike, Mul, Reshape, Slice } from '../../graph/ops/index.ts';
import { constant, type InputValue, input, scalar, type Value } from '../../graph/value.ts';
import { adaptiveFusion, zeroAbsent } from '../../model/head/adaptive-fusion.ts';
import { composition } from '../../model/head/composition.ts';
import { COMPOSITION_FEATURES, type HeadSpec, MODALITIES, type Modality } from '../../model/head/head-spec.ts';
import { linear } from '../../model/head/layers.ts';
import type { Mode } from '../../model/head/mode.ts';
import { vision } from '../../model/head/vision.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { alignment } from '../objectives/alignment.ts';
import { contrastive } from '../objectives/contrastive.ts';
import { reconstruction } from '../objectives/reconstruction.ts';
import type { Objective, ObjectiveOptions } from '../training-spec.ts';

/** What the encoders say of n panels: pooled features, by backbone (n, features) and of the texts (n, features). */
export interface Pooled {
  readonly vision: readonly Value[];
  readonly text: Value;
}

/** Of a batch of n panels on p pages, beside what the encoders are given. Only panels that there are have a row. */
export interface BatchInputs {
  /** int64 (n): the number of the page */
  readonly page: InputValue;
  /** (n, 7) */
  readonly composition: InputValue;
  /** (n, 3): what each panel has */
  readonly present: InputValue;
  /** (n, 3): what of it is shown to the fusion */
  readonly shown: InputValue;
  /** int64 (p) and (p): see reconstruction */
  readonly maskedRows: InputValue;
  readonly maskedCounts: InputValue;
}

export function batchInputs(): BatchInputs {
  return {
    page: input('page', 'int64', ['n']),
    composition: input('comp_feats', 'float32', ['n', COMPOSITION_FEATURES]),
    present: input('present', 'float32', ['n', MODALITIES.length]),
    shown: input('shown', 'float32', ['n', MODALITIES.length]),
    maskedRows: input('masked_rows', 'int64', ['p']),
    maskedCounts: input('masked_counts', 'float32', ['p']),
  };
}

export interface Losses {
  readonly loss: Value;
  /** Unweighted; those without weight are left out */
  readonly parts: Readonly<Partial<Record<Objective, Value>>>;
  /** The batch's fused vectors (n, d) under a mask (n, 3) */
  fuse(mask: Value): Value;
}

/**
 * The objectives over one batch, as the head sees it in the given mode.
 * @throws WeightsError naming the first key that is missing or misshapen
 */
export function batchLosses(
  weights: WeightSource,
  spec: HeadSpec,
  options: ObjectiveOptions,
  mode: Mode,
  pooled: Pooled,
  batch: BatchInputs,
): Losses {
  const d = spec.dimensions;
  const given = (x: Value, modality: Modality) =>
    spec.fusionMode === 'present' ? zeroAbsent(x, batch.present, MODALITIES.indexOf(modality)) : x;
  const seenPictures = pooled.vision.map((features) => given(features, 'vision'));
  const { vision: picture } = vision(weights, spec, seenPictures, mode);
  const words = linear(weights, 'text.proj', given(pooled.text, 'text'), d);
  const layout = composition(weights, given(batch.composition, 'composition'), d, mode);
  const vectors = [picture, words, layout] as const;
  const fuse = (mask: Value) => adaptiveFusion(weights, spec, vectors, mask).fused;
  const { temperature, symmetric_alignment: symmetric, weights: shares } = options;
  const seen = fuse(batch.shown);
  const column = (at: number) => Reshape(Slice(batch.present, [at], [at + 1], [1]), [-1]);
  const [hasPicture, hasWords] = [column(0), column(1)];

  const makers: { readonly [O in Objective]: () => Value } = {
    contrastive: () => contrastive(seen, batch.page, temperature),
    reconstruction: () =>
      reconstruction(weights, mode, {
        vectors: seen,
        page: batch.page,
        masked: { rows: batch.maskedRows, counts: batch.maskedCounts },
        detachTarget: options.detach_target,
      }),
    alignment: () => alignment(picture, words, Mul(hasPicture, hasWords), { temperature, symmetric }),
    fused_alignment: () => {
      const whole = fuse(batch.present);
      const alone = (modality: Modality, has: Value) =>
        alignment(fuse(only(modality, batch.present)), whole, has, { temperature, symmetric });
      return Mul(Add(alone('vision', hasPicture), alone('text', hasWords)), scalar(0.5));
    },
  };
  const wanted = (Object.keys(makers) as Objective[]).filter((name) => shares[name] > 0);
  const parts = Object.fromEntries(wanted.map((name) => [name, makers[name]()])) as Record<Objective, Value>;
  const weighted = wanted.map((name) => Mul(parts[name], scalar(shares[name])));
  return { loss: weighted.reduce((sum, part) => Add(sum, part)), parts, fuse };
}

/** A mask (n, 3) of one modality */
export function only(modality: Modality, present: Value): Value {
  const shares = MODALITIES.map((other) => (other === modality ? 1 : 0));
  return ExpandLike(constant('float32', [1, MODALITIES.length], shares), present);
}
