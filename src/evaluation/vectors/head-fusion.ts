import { bucketSizes } from '../../inference/engine/buckets.ts';
import { getRows, HeadSessions } from '../../inference/engine/head-sessions.ts';
import { COMPOSITION_FEATURES, MODALITIES, type Modality } from '../../model/modality.ts';
import type { Model } from '../../model/model.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import type { AbsentFeatures } from '../baselines/baseline.ts';
import type { Fusion, ViewFeatures } from './fusion.ts';

/** Rows of one run. The same number for all, so that a vector does not depend on how many there are. */
const MAX_ROWS = 64;

type FeatureRows = Omit<ViewFeatures, 'rows'>;
type Rows = Readonly<Record<Modality, Float32Array>>;

/**
 * The head of a model over pooled features, as engines run it.
 * @param absent what the fusion sees of absent modalities in `reference` mode; in `present` mode it never looks there
 */
export async function openHeadFusion(
  model: Model,
  absent: AbsentFeatures | undefined,
  options: SessionOptions,
): Promise<Fusion> {
  const head = await HeadSessions.load(model, options, bucketSizes(2, MAX_ROWS));
  const { dimensions, vision, text } = model.spec;
  const encode = async (rows: number, features: Omit<FeatureRows, 'present'>): Promise<Rows> => {
    const pooled = vision.backbones.map(({ name, features: width }) => [
      name,
      { data: features.vision[name] ?? new Float32Array(rows * width), width },
    ]);
    const textRows = { text_features: { data: features.text, width: text.features } };
    const compositionRows = { comp_feats: { data: features.composition, width: COMPOSITION_FEATURES } };
    return {
      vision: getRows(await head.run('vision', rows, Object.fromEntries(pooled)), 'vision'),
      text: getRows(await head.run('text', rows, textRows), 'text'),
      composition: getRows(await head.run('composition', rows, compositionRows), 'composition'),
    };
  };
  const zeros = new Float32Array(dimensions);
  const absentVectors: Rows =
    absent === undefined
      ? { vision: zeros, text: zeros, composition: zeros }
      : await encode(1, { ...absent, composition: new Float32Array(COMPOSITION_FEATURES) });

  const fuseRows = async (rows: number, { present, ...features }: FeatureRows) => {
    const encoded = await encode(rows, features);
    const inputs = MODALITIES.map((modality, i) => {
      const data = encoded[modality].slice();
      for (let row = 0; row < rows; row++)
        if (present[row * MODALITIES.length + i] === 0) data.set(absentVectors[modality], row * dimensions);
      return [modality, { data, width: dimensions }] as const;
    });
    const mask = { modality_mask: { data: present, width: MODALITIES.length } };
    return head.run('fusion', rows, { ...Object.fromEntries(inputs), ...mask });
  };
  return {
    async fuse({ rows, ...features }) {
      const [vectors, gates]: [Float32Array[], Float32Array[]] = [[], []];
      for (let start = 0; start < rows; start += MAX_ROWS) {
        const count = Math.min(MAX_ROWS, rows - start);
        const outputs = await fuseRows(count, sliceRows(features, rows, start, count));
        vectors.push(getRows(outputs, 'fused'));
        gates.push(getRows(outputs, 'gate_weights'));
      }
      return { dimensions, vectors: concatenateFloats(vectors), gate: concatenateFloats(gates) };
    },
    [Symbol.asyncDispose]: () => head.close(),
  };
}

function sliceRows(
  { vision, text, composition, present }: FeatureRows,
  rows: number,
  start: number,
  count: number,
): FeatureRows {
  const slice = (data: Float32Array) => {
    const width = data.length / rows;
    return data.subarray(start * width, (start + count) * width);
  };
  return {
    vision: Object.fromEntries(Object.entries(vision).map(([name, data]) => [name, slice(data)])),
    text: slice(text),
    composition: slice(composition),
    present: slice(present),
  };
}
