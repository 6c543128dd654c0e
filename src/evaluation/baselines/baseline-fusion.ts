import { EVALUATION } from '../../architectures/head/layers.ts';
import { toOnnxModel } from '../../graph/emit/emit.ts';
import { input } from '../../graph/value.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/modality.ts';
import { toHeadSpec } from '../../model/model.ts';
import { createSession, ort, readFloatOutput } from '../../onnxruntime/session.ts';
import { readCheckpoint } from '../../training/checkpoint/checkpoint-file.ts';
import { type HeadArchitecture, SERVED_HEAD } from '../../training/graphs/head-architecture.ts';
import { COLUMNS, visionColumn } from '../../training/training-columns.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import { StateDict } from '../../weights/state-dict.ts';
import type { Fusion, ViewFeatures } from '../vectors/fusion.ts';
import type { BaselineKind, TrainedBaseline } from './baseline.ts';
import { withOriginalHead } from './baseline-training.ts';
import { RawFeatures } from './raw-features.ts';
import { V1_HEAD } from './v1-head.ts';

/** Rows of a run: memory stays small, however many panels there are. */
const BATCH_ROWS = 1024;
const ARCHITECTURES: Readonly<Record<Exclude<BaselineKind, 'raw'>, HeadArchitecture>> = {
  v1: V1_HEAD,
  reference: SERVED_HEAD,
};

/** Opens a trained baseline. @throws WeightsError where the file of its weights is damaged */
export async function openBaselineFusion({ plan, weights }: TrainedBaseline): Promise<Fusion> {
  const { kind, model } = plan;
  if (kind === 'raw') {
    const raw = await RawFeatures.read(model, weights);
    return { fuse: async (features) => raw.vectors(features), [Symbol.asyncDispose]: async () => {} };
  }
  const session = await openSession(kind, plan, weights);
  return {
    async fuse(features) {
      const { fused, gate } = await runSession(session, withAbsentFeatures(features, plan));
      return { dimensions: model.dimensions, vectors: fused, gate };
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

type FusionInputs = Readonly<Record<string, { readonly width: number; readonly data: Float32Array }>>;

async function openSession(
  kind: Exclude<BaselineKind, 'raw'>,
  { model, threads }: TrainedBaseline['plan'],
  weightsFile: string,
): Promise<ort.InferenceSession> {
  const { vision, text } = model;
  const { weights } = await readCheckpoint(weightsFile);
  const rows = (name: string, width: number) => input(name, 'float32', ['n', width]);
  const present = rows(COLUMNS.present, MODALITIES.length);
  const { fused, gateWeights } = ARCHITECTURES[kind]
    .build(new StateDict(weightsFile, weights), toHeadSpec(withOriginalHead(model)), EVALUATION, {
      vision: vision.backbones.map(({ name, features }) => rows(visionColumn(name), features)),
      text: rows(COLUMNS.text, text.features),
      composition: rows(COLUMNS.composition, COMPOSITION_FEATURES),
      present,
    })
    .fuse(present);
  const definition = { name: kind, outputs: { fused, gate: gateWeights } };
  // A baseline is small: the same numbers on every machine are worth more than a device's speed.
  return createSession(toOnnxModel(definition), { provider: 'cpu', device: 0, threads });
}

/** The inputs of the fusion, with what the baseline was given for absent modalities in their place. */
function withAbsentFeatures(
  { rows, vision, text, composition, present }: ViewFeatures,
  { model, absent }: TrainedBaseline['plan'],
): FusionInputs {
  const fill = (data: Float32Array, width: number, modality: number, replacement: Float32Array | undefined) => {
    if (replacement?.length !== width) throw new RangeError(`absent features must be ${width} numbers`);
    const filled = data.slice();
    for (let row = 0; row < rows; row++)
      if (present[row * MODALITIES.length + modality] !== 1) filled.set(replacement, row * width);
    return { width, data: filled };
  };
  const modality = (name: (typeof MODALITIES)[number]) => MODALITIES.indexOf(name);
  const visionInputs = model.vision.backbones.map(({ name, features: width }) => {
    const data = vision[name] ?? new Float32Array(rows * width);
    return [visionColumn(name), fill(data, width, modality('vision'), absent.vision[name])] as const;
  });
  const noComposition = new Float32Array(COMPOSITION_FEATURES);
  return {
    ...Object.fromEntries(visionInputs),
    [COLUMNS.text]: fill(text, model.text.features, modality('text'), absent.text),
    [COLUMNS.composition]: fill(composition, COMPOSITION_FEATURES, modality('composition'), noComposition),
    [COLUMNS.present]: { width: MODALITIES.length, data: present },
  };
}

async function runSession(session: ort.InferenceSession, inputs: FusionInputs) {
  const results: { readonly fused: Float32Array; readonly gate: Float32Array }[] = [];
  const { data = new Float32Array(), width = 1 } = inputs[COLUMNS.present] ?? {};
  const rows = data.length / width;
  for (let first = 0; first < rows; first += BATCH_ROWS) {
    const end = Math.min(rows, first + BATCH_ROWS);
    const feeds = Object.entries(inputs)
      .filter(([name]) => session.inputNames.includes(name))
      .map(([name, column]) => {
        const part = column.data.slice(first * column.width, end * column.width);
        return [name, new ort.Tensor('float32', part, [end - first, column.width])];
      });
    const outputs = await session.run(Object.fromEntries(feeds));
    results.push({ fused: readFloatOutput(outputs, 'fused'), gate: readFloatOutput(outputs, 'gate') });
  }
  return {
    fused: concatenateFloats(results.map(({ fused }) => fused)),
    gate: concatenateFloats(results.map(({ gate }) => gate)),
  };
}
