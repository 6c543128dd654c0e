import type { ModelDefinition } from '../../model/model-spec.ts';
import { TrainingSet } from '../../training/data/training-set.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';
import { trainingSchema } from '../../training/training-spec.ts';
import type { BaselinePlan } from './baseline.ts';

/**
 * The training of a baseline as the original trains: its three objectives with their weights, images aligned to texts only, a
 * gradient to the hidden panel. All pages are trained on, and the last epoch counts. Where no page has a text, the alignment has
 * nothing to align and is left out.
 */
export async function baselineTrainingPlan(plan: BaselinePlan): Promise<TrainingPlan> {
  const { folder, partFiles, base, model, provider, device, threads, epochs, batchSize, seed } = plan;
  await using set = await TrainingSet.open(partFiles);
  const pages = set.pages.filter(({ rows }) => rows > 0);
  const hasTexts = pages.some(({ texts }) => texts > 0);
  return {
    folder,
    partFiles,
    base,
    model: withOriginalHead(model),
    options: trainingSchema.parse({
      epochs,
      batch_size: Math.max(1, Math.min(batchSize, pages.length)),
      warmup_epochs: Math.min(1, epochs),
      seed,
      weights: { fused_alignment: 0, ...(!hasTexts && { alignment: 0 }) },
      symmetric_alignment: false,
      detach_target: false,
      modality_dropout: 0,
      save_every: epochs,
    }),
    validationFraction: 0,
    provider,
    device,
    threads,
  };
}

/** A model with the original's options of the head: absent modalities enter the fusion, and features are not transformed. */
export function withOriginalHead(model: ModelDefinition): ModelDefinition {
  const { vision_transform: _, text_transform: __, ...head } = model.head;
  return { ...model, head: { ...head, fusion_mode: 'reference' } };
}
