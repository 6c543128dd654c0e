import type { Model } from '../model/model.ts';

/** Describes a model in one line. */
export function describeModel({ id, space, folder, spec }: Model): string {
  const backbones = spec.vision.backbones.map(({ name, features }) => `${name} (${features})`).join(' + ');
  const { visual_fusion: fusion, modality_indicators: indicators, fusion_mode: mode } = spec.head;
  const parts = [
    backbones,
    ...(fusion === 'single' ? [] : [`${fusion} fusion`]),
    `${spec.dimensions} dimensions`,
    `${indicators ? 'with' : 'without'} modality indicators`,
    `${mode} mode`,
  ];
  return `${id}: ${parts.join(', ')}, space ${space}, ${folder}`;
}
