import { affineHead, maxAffineOutputs } from '../../../architectures/head/affine-head.ts';
import type { HeadSpec } from '../../../model/head-spec.ts';
import { toHeadSpec } from '../../../model/model.ts';
import type { ModelDefinition } from '../../../model/model-spec.ts';
import type { Tensor } from '../../../weights/tensor.ts';
import type { TrainingPage, TrainingSet } from '../../data/training-set.ts';
import type { ClosedFormOptions } from '../../training-spec.ts';
import { FeatureMoments } from './feature-moments.ts';
import { type BlockSizes, fitMaps } from './fit-maps.ts';
import { readFitPages } from './fit-pages.ts';

export interface FitData {
  readonly trainingSet: TrainingSet;
  /** Those to train on: nothing is fitted to pages for validation */
  readonly pages: readonly TrainingPage[];
}

export interface ClosedFormHead {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What was fitted otherwise than it was asked for */
  readonly notes: readonly string[];
}

/**
 * Fits a head to the panels of some pages, without a gradient step. The same pages, options and seed give the same bytes.
 * @throws PanelvecError dataset_invalid where the pages do not suffice; the signal's reason
 */
export async function fitClosedFormHead(
  { trainingSet, pages }: FitData,
  model: Pick<ModelDefinition, 'dimensions' | 'vision' | 'text' | 'head'>,
  { closed_form: options, seed }: { readonly closed_form: ClosedFormOptions; readonly seed: number },
  signal: AbortSignal,
): Promise<ClosedFormHead> {
  const spec = toHeadSpec(model);
  const widths = spec.backbones.map(({ features }) => features);
  const moments = new FeatureMoments(
    widths.reduce((sum, width) => sum + width, 0),
    spec.textFeatures,
  );
  for await (const panels of readFitPages(trainingSet, pages, spec)) {
    signal.throwIfAborted();
    moments.addPage(panels);
  }
  const limits = blockSizes(spec, options);
  const { maps, sizes } = fitMaps(moments, { widths, textParts: countTextParts(model) }, limits, options);
  const notes = (['picture', 'aligned'] as const).flatMap((block) =>
    sizes[block] < limits[block]
      ? [
          `the closed-form start has ${sizes[block]} ${block} components instead of ${limits[block]}: the training panels have no more`,
        ]
      : [],
  );
  return { tensors: affineHead(spec, maps, seed), notes };
}

function countTextParts({ text: { encoder } }: Pick<ModelDefinition, 'text'>): number {
  return (encoder.kind === 'bert' ? encoder.pooled_layers?.length : undefined) ?? 1;
}

/** The share of the numbers that are components of the picture, where nothing else is asked for. */
const PICTURE_SHARE = 5 / 8;

/** The numbers of each block: as asked for, or their usual share of what the head has room for, or the rest. */
export function blockSizes(
  spec: Pick<HeadSpec, 'dimensions' | 'visualFusion'>,
  { picture_components: picture, aligned_components: aligned }: ClosedFormOptions,
): BlockSizes {
  const room = maxAffineOutputs(spec);
  const pictureCount = picture ?? (aligned === null ? Math.round(PICTURE_SHARE * room) : room - aligned);
  return { picture: pictureCount, aligned: aligned ?? room - pictureCount };
}
