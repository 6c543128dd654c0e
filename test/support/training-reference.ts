import path from 'node:path';
import { bert, inferBertSizes } from '../../src/architectures/backbones/bert.ts';
import { inferResnetSizes, resnet } from '../../src/architectures/backbones/resnet.ts';
import { inferSiglipSizes, siglip } from '../../src/architectures/backbones/siglip.ts';
import { imagesInput, textInputs } from '../../src/architectures/encoders/code-encoder.ts';
import { STANDARD_LOWERING } from '../../src/architectures/lowering/standard-lowering.ts';
import { emit } from '../../src/graph/emit/emit.ts';
import { input, type Value } from '../../src/graph/value.ts';
import type { HeadSpec } from '../../src/model/head-spec.ts';
import { ort } from '../../src/onnxruntime/session.ts';
import type { EncoderOutputs } from '../../src/training/graphs/encoder-outputs.ts';
import type { Feeds } from '../../src/training/step/batch-feeds.ts';
import type { ObjectiveOptions } from '../../src/training/training-spec.ts';
import { readSafetensors } from '../../src/weights/safetensors-reader.ts';
import { StateDict } from '../../src/weights/state-dict.ts';
import type { Tensor } from '../../src/weights/tensor.ts';
import { REFERENCE_FOLDER, toFloat32Array } from './reference-cases.ts';

/** A training run of the original PyTorch code. */
export interface TrainingReference {
  readonly spec: HeadSpec;
  readonly options: ObjectiveOptions;
  readonly weights: StateDict;
  /** Attention heads of the encoders, which the weights do not tell */
  readonly heads: { readonly siglip: number; readonly bert: number };
  readonly freezeBackbones: boolean;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  readonly steps: number;
  readonly gradients: ReadonlyMap<string, Tensor>;
  readonly weightsAfter: ReadonlyMap<string, Tensor>;
  /** By step: loss, contrastive, reconstruction, alignment, norm before clipping, learning rate */
  readonly log: readonly Float32Array[];
  /** Images and tokens of the batch of a step */
  encoderFeeds(step: number): Feeds;
  batchFeeds(step: number): Feeds;
}

/** Renames tensors to the keys of the original's state_dict, without the prefix of the training module. */
export function stripModelPrefix(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map([...tensors].map(([key, tensor]) => [key.replace(/^model\./, ''), tensor]));
}

export async function readTrainingReference(name: string): Promise<TrainingReference> {
  const read = (file: string) => readSafetensors(path.join(REFERENCE_FOLDER, name, `${file}.safetensors`));
  const [before, batches, log, gradients, after] = await Promise.all(
    ['before', 'batches', 'log', 'gradients_step0', 'after'].map(read),
  );
  const config = JSON.parse(before!.metadata['config']!);
  const maskedPanels: number[][] = JSON.parse(before!.metadata['masked_panel_per_page']!);
  const weights = new StateDict(name, stripModelPrefix(before!.tensors));
  const backbones = ['siglip', 'resnet'].map((backbone) => ({
    name: backbone,
    features: weights.shape(`vision.${backbone}.adaptation.0.weight`)[1]!,
  }));
  const rows = config.pages * config.panels;
  const getTensor = (step: number, key: string) => batches!.tensors.get(`${step % config.batches}.${key}`)!;
  const logTensor = log!.tensors.values().next().value!;
  return {
    weights,
    heads: { siglip: config.sizes.siglip.heads, bert: config.sizes.bert.heads },
    spec: {
      dimensions: config.feature_dim,
      backbones,
      textFeatures: weights.shape('text.proj.weight')[1]!,
      visualFusion: config.visual_fusion,
      modalityIndicators: true,
      fusionMode: 'reference',
    },
    options: {
      temperature: config.temperature,
      weights: { ...config.weights, fused_alignment: 0 },
      symmetric_alignment: false,
      detach_target: false,
    },
    freezeBackbones: config.freeze_backbones,
    weightDecay: config.weight_decay,
    maxGradNorm: config.max_grad_norm,
    steps: config.steps,
    gradients: stripModelPrefix(gradients!.tensors),
    weightsAfter: stripModelPrefix(after!.tensors),
    log: Array.from({ length: config.steps }, (_, step) => toFloat32Array(logTensor).subarray(step * 6, step * 6 + 6)),
    encoderFeeds(step) {
      const images = getTensor(step, 'images');
      const side = images.shape.at(-1)!;
      const ids = (key: string) => {
        const { bytes, shape } = getTensor(step, key);
        const data = new BigInt64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
        return new ort.Tensor('int64', data, [rows, shape.at(-1)!]);
      };
      return {
        images: new ort.Tensor('float32', toFloat32Array(images), [rows, 3, side, side]),
        input_ids: ids('input_ids'),
        attention_mask: ids('attention_mask'),
      };
    },
    batchFeeds(step) {
      const mask = new ort.Tensor('float32', toFloat32Array(getTensor(step, 'modality_mask')), [rows, 3]);
      const pages = Array.from({ length: rows }, (_, row) => BigInt(Math.floor(row / config.panels)));
      const maskedRows = maskedPanels[step]!.map((panel, page) => BigInt(page * config.panels + panel));
      return {
        page: new ort.Tensor('int64', BigInt64Array.from(pages), [rows]),
        comp_feats: new ort.Tensor('float32', toFloat32Array(getTensor(step, 'comp_feats')), [rows, 7]),
        present: mask,
        shown: mask,
        masked_rows: new ort.Tensor('int64', BigInt64Array.from(maskedRows), [config.pages]),
        masked_counts: new ort.Tensor('float32', new Float32Array(config.pages).fill(1), [config.pages]),
      };
    },
  };
}

/** Builds the encoders with their weights in the graph, from operators that have gradients. */
export function buildEncoders({ weights, heads }: TrainingReference): EncoderOutputs {
  const siglipWeights = weights.withPrefix('vision.siglip.siglip.vision_model.');
  const resnetWeights = weights.withPrefix('vision.resnet.resnet.');
  const bertWeights = weights.withPrefix('text.encoder.');
  const sizes = inferSiglipSizes(siglipWeights, heads.siglip);
  const images = imagesInput(sizes.imageSize);
  const { ids, mask } = textInputs();
  return {
    vision: [
      siglip(siglipWeights, sizes, images, STANDARD_LOWERING),
      resnet(resnetWeights, inferResnetSizes(resnetWeights), images),
    ],
    text: bert(bertWeights, inferBertSizes(bertWeights, heads.bert), ids, mask, STANDARD_LOWERING),
  };
}

export function pooledHeadInputs({ backbones, textFeatures }: HeadSpec): EncoderOutputs {
  const featureInput = (name: string, width: number): Value => input(name, 'float32', ['n', width]);
  return {
    vision: backbones.map(({ name, features }) => featureInput(name, features)),
    text: featureInput('text_features', textFeatures),
  };
}

/** Computes the pooled features of every batch once, for training with frozen encoders. */
export async function computePooledFeeds(reference: TrainingReference): Promise<Feeds[]> {
  const { vision, text } = buildEncoders(reference);
  const outputs = { siglip: vision[0]!, resnet: vision[1]!, text_features: text };
  const session = await ort.InferenceSession.create(emit({ name: 'encoders', outputs }));
  try {
    const feeds: Feeds[] = [];
    for (let step = 0; step < reference.steps; step++) {
      feeds.push((await session.run(reference.encoderFeeds(step))) as Feeds);
    }
    return feeds;
  } finally {
    await session.release();
  }
}
