import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { affineHead } from '../../../../src/architectures/head/affine-head.ts';
import { defineHeadGraph } from '../../../../src/architectures/head/head.ts';
import type { HeadSpec } from '../../../../src/model/head-spec.ts';
import { FeatureMoments } from '../../../../src/training/preparation/closed-form/feature-moments.ts';
import { fitMaps } from '../../../../src/training/preparation/closed-form/fit-maps.ts';
import { transformPicture } from '../../../../src/training/preparation/closed-form/fit-pages.ts';
import { readSafetensors } from '../../../../src/weights/safetensors-reader.ts';
import { StateDict } from '../../../../src/weights/state-dict.ts';
import { float32View } from '../../../../src/weights/tensor.ts';
import { cosine } from '../../../support/numeric.ts';
import { float32Tensor, runGraph } from '../../../support/run-graph.ts';

const FOLDER = path.join(import.meta.dirname, '../../../fixtures/closed-form');

async function readCase(name: string) {
  const { tensors, metadata } = await readSafetensors(path.join(FOLDER, `${name}.safetensors`));
  const { widths, dimensions, picture, aligned, text_parts } = JSON.parse(metadata['case']!) as Record<
    string,
    number
  > & {
    widths: number[];
  };
  const spec: HeadSpec = {
    dimensions: dimensions!,
    backbones: widths.map((features, i) => ({ name: `backbone${i}`, features })),
    textFeatures: tensors.get('texts')!.shape[1]!,
    visualFusion: widths.length === 1 ? 'single' : 'concat',
    modalityIndicators: true,
    fusionMode: 'present',
    visionTransform: 'signed_sqrt',
  };
  const rows = (key: string): Float32Array[] => {
    const { shape } = tensors.get(key)!;
    const values = float32View(tensors.get(key)!);
    const width = shape.at(-1)!;
    return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
  };
  const [panels, views] = tensors.get('pictures')!.shape as [number, number];
  const [hasText, page] = ['has_text', 'page'].map((key) => float32View(tensors.get(key)!));
  const moments = new FeatureMoments(
    widths.reduce((a, b) => a + b),
    spec.textFeatures,
  );
  const [pictures, texts, layouts] = [rows('pictures'), rows('texts'), rows('layouts')];
  const fitPanels = Array.from({ length: panels }, (_, panel) => ({
    page: page![panel]!,
    pictures: pictures.slice(panel * views, (panel + 1) * views).map((view) => transformPicture(view, spec)),
    text: hasText![panel] === 1 ? Float64Array.from(texts[panel]!) : undefined,
    layout: Float64Array.from(layouts[panel]!),
  }));
  for (const ofPage of Map.groupBy(fitPanels, (panel) => panel.page).values()) moments.addPage(ofPage);
  const fitted = fitMaps(
    moments,
    { widths, textParts: text_parts! },
    { picture: picture!, aligned: aligned! },
    JSON.parse(metadata['options']!),
  );
  return { spec, widths, fitted, rows, expected: rows('expected.cosines') };
}

/** Columns of some rows. */
function columns(rows: readonly Float32Array[], start: number, width: number) {
  return float32Tensor(
    rows.flatMap((row) => [...row.subarray(start, start + width)]),
    [rows.length, width],
  );
}

describe('the closed-form start equals a plain computation in NumPy', () => {
  for (const [name, tolerance] of [
    ['single', 1e-5],
    ['unchanged', 1e-5],
    // A LayerNorm of each backbone is only nearly linear.
    ['concat', 5e-4],
  ] as const) {
    it(`in the cosines of pictures, texts and both: ${name}`, async () => {
      const { spec, widths, fitted, rows, expected } = await readCase(name);
      const weights = new StateDict('fitted', affineHead(spec, fitted.maps, 1));
      const [pictures, texts] = [rows('query_pictures'), rows('query_texts')];
      let start = 0;
      const feeds = spec.backbones.map(({ name: backbone }, i) => {
        const tensor = columns(pictures, start, widths[i]!);
        start += widths[i]!;
        return [backbone, tensor] as const;
      });
      const { vision } = await runGraph(defineHeadGraph('vision', weights, spec), Object.fromEntries(feeds));
      const textFeeds = { text_features: columns(texts, 0, spec.textFeatures) };
      const { text } = await runGraph(defineHeadGraph('text', weights, spec), textFeeds);
      const n = pictures.length;
      const d = spec.dimensions;
      const vectors: Float32Array[] = [];
      for (const mask of [
        [1, 0, 0],
        [0, 1, 0],
        [1, 1, 0],
      ]) {
        const { fused } = await runGraph(defineHeadGraph('fusion', weights, spec), {
          vision: vision!,
          text: text!,
          composition: float32Tensor(new Float32Array(n * d).fill(7), [n, d]),
          modality_mask: float32Tensor(Array.from({ length: n }, () => mask).flat(), [n, 3]),
        });
        const data = fused!.data as Float32Array;
        for (let row = 0; row < n; row++) vectors.push(data.slice(row * d, (row + 1) * d));
      }
      for (const [i, a] of vectors.entries()) {
        for (const [j, b] of vectors.entries()) {
          const difference = Math.abs(cosine(a, b) - expected[i]![j]!);
          assert.ok(difference < tolerance, `${i}, ${j}: ${cosine(a, b)} is not ${expected[i]![j]}`);
        }
      }
    });
  }
});
