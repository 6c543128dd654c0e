import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chooseProvider } from '../../onnxruntime/choose-provider.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import { TrainingSet } from '../../training/data/training-set.ts';
import { openBaselineFusion } from '../baselines/baseline-fusion.ts';
import type { VectorsPlan } from '../evaluator-process/evaluator-messages.ts';
import type { Fusion } from './fusion.ts';
import { openHeadFusion } from './head-fusion.ts';
import { writeVectors } from './vectors-file.ts';

/** Computes the vectors of a contender in all views. */
export async function computeVectors(plan: VectorsPlan): Promise<void> {
  await using set = await TrainingSet.open(plan.viewFiles);
  const wanted = plan.pages === null ? undefined : new Set(plan.pages);
  const pages = set.pages.filter(({ id }) => wanted === undefined || wanted.has(id));
  const { provider } = await chooseProvider(plan);
  await using fusion = await openFusion(plan, { provider, device: plan.device, threads: plan.threads });
  await mkdir(path.dirname(plan.output), { recursive: true });
  await writeVectors(plan.output, set, pages, fusion);
}

function openFusion({ fusion }: VectorsPlan, options: SessionOptions): Promise<Fusion> {
  return fusion.kind === 'head'
    ? openHeadFusion(fusion.model, fusion.absent, options)
    : openBaselineFusion(fusion.trained);
}
