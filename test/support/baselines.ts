import path from 'node:path';
import type { BaselineKind, BaselinePlan } from '../../src/evaluation/baselines/baseline.ts';
import type { ViewFeatures } from '../../src/evaluation/vectors/fusion.ts';
import { BACKBONES, type GeneratedTrainingSet, MODEL_PARTS, TEXT_FEATURES } from './generated-training-set.ts';
import { seeded } from './numeric.ts';

/** The plan of a baseline on generated pages. */
export function baselinePlan(
  { folder, parts }: GeneratedTrainingSet,
  kind: BaselineKind,
  overrides: Partial<BaselinePlan> & { readonly name?: string } = {},
): BaselinePlan {
  const random = seeded(77);
  const draw = (width: number) => Float32Array.from({ length: width }, random);
  const { name = kind, ...fields } = overrides;
  return {
    kind,
    folder: path.join(folder, name),
    partFiles: parts,
    base: { id: 'drawn@1', folder, spec: { ...MODEL_PARTS, files: {} }, space: 'drawn', created: 0 },
    model: MODEL_PARTS,
    absent: {
      vision: Object.fromEntries(BACKBONES.map((backbone) => [backbone.name, draw(backbone.features)])),
      text: draw(TEXT_FEATURES),
    },
    epochs: 3,
    batchSize: 4,
    seed: 42,
    provider: 'cpu',
    device: 0,
    threads: 1,
    ...fields,
  };
}

/** Drawn features of a view whose panels have the given modalities. */
export function drawnView(present: readonly (readonly [number, number, number])[], seed = 5): ViewFeatures {
  const random = seeded(seed);
  const draw = (width: number) => Float32Array.from({ length: present.length * width }, random);
  return {
    rows: present.length,
    vision: Object.fromEntries(BACKBONES.map(({ name, features }) => [name, draw(features)])),
    text: draw(TEXT_FEATURES),
    composition: draw(7),
    present: Float32Array.from(present.flat()),
  };
}
