import path from 'node:path';
import { emit } from '../../src/graph/emit/emit.ts';
import { input, type Value } from '../../src/graph/value.ts';
import { ort } from '../../src/inference/engine/session.ts';
import { bert, bertSizes } from '../../src/model/backbones/bert.ts';
import { imagesInput, textInputs } from '../../src/model/backbones/inputs.ts';
import { resnet, resnetSizes } from '../../src/model/backbones/resnet.ts';
import { siglip, siglipSizes } from '../../src/model/backbones/siglip.ts';
import { PLAIN } from '../../src/model/forms/plain.ts';
import type { HeadSpec } from '../../src/model/head/head-spec.ts';
import type { Pooled } from '../../src/training/graphs/loss.ts';
import type { Feeds } from '../../src/training/stepper.ts';
import type { ObjectiveOptions } from '../../src/training/training-spec.ts';
import { Checkpoint } from '../../src/weights/checkpoint.ts';
import { readSafetensors, type Tensor } from '../../src/weights/safetensors-reader.ts';
import { floats, REFERENCE } from './reference.ts';

/** A training run of the original PyTorch code. */
export interface TrainingReference {
  readonly spec: HeadSpec;
  readonly options: ObjectiveOptions;
  readonly weights: Checkpoint;
  readonly frozen: boolean;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  readonly steps: number;
  readonly gradients: ReadonlyMap<string, Tensor>;
  readonly after: ReadonlyMap<string, Tensor>;
  /** By step: loss, contrastive, reconstruction, alignment, norm before clipping, learning rate */
  readonly log: readonly Float32Array[];
  /** Images and tokens of a step's batch */
  encoderFeeds(step: number): Feeds;
  batchFeeds(step: number): Feeds;
}

/** Keys of the original's state_dict, without the name of the module that held all. */
export function plainKeys(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map([...tensors].map(([key, tensor]) => [key.replace(/^model\./, ''), tensor]));
}

export async function readTrainingReference(name: string): Promise<TrainingReference> {
  const read = (file: string) => readSafetensors(path.join(REFERENCE, name, `${file}.safetensors`));
  const [before, batches, log, gradients, after] = await Promise.all(
    ['before', 'batches', 'log', 'gradients_step0', 'after'].map(read),
  );
  const config = JSON.parse(before!.metadata['config']!);
  const masked: number[][] = JSON.parse(before!.metadata['masked_panel_per_page']!);
  const weights = new Checkpoint(name, plainKeys(before!.tensors));
  const backbones = ['siglip', 'resnet'].map((backbone) => ({
    name: backbone,
    features: weights.shape(`vision.${backbone}.adaptation.0.weight`)[1]!,
  }));
  const rows = config.pages * config.panels;
  const tensorOf = (step: number, key: string) => batches!.tensors.get(`${step % config.batches}.${key}`)!;
  const columns = log!.tensors.values().next().value!;
  return {
    weights,
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
    frozen: config.freeze_backbones,
    weightDecay: config.weight_decay,
    maxGradNorm: config.max_grad_norm,
    steps: config.steps,
    gradients: plainKeys(gradients!.tensors),
    after: plainKeys(after!.tensors),
    log: Array.from({ length: config.steps }, (_, step) => floats(columns).subarray(step * 6, step * 6 + 6)),
    encoderFeeds(step) {
      const images = tensorOf(step, 'images');
      const side = images.shape.at(-1)!;
      const ids = (key: string) => {
        const { bytes, shape } = tensorOf(step, key);
        const data = new BigInt64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
        return new ort.Tensor('int64', data, [rows, shape.at(-1)!]);
      };
      return {
        images: new ort.Tensor('float32', floats(images), [rows, 3, side, side]),
        input_ids: ids('input_ids'),
        attention_mask: ids('attention_mask'),
      };
    },
    batchFeeds(step) {
      const mask = new ort.Tensor('float32', floats(tensorOf(step, 'modality_mask')), [rows, 3]);
      const pages = Array.from({ length: rows }, (_, row) => BigInt(Math.floor(row / config.panels)));
      const hidden = masked[step]!.map((panel, page) => BigInt(page * config.panels + panel));
      return {
        page: new ort.Tensor('int64', BigInt64Array.from(pages), [rows]),
        comp_feats: new ort.Tensor('float32', floats(tensorOf(step, 'comp_feats')), [rows, 7]),
        present: mask,
        shown: mask,
        masked_rows: new ort.Tensor('int64', BigInt64Array.from(hidden), [config.pages]),
        masked_counts: new ort.Tensor('float32', new Float32Array(config.pages).fill(1), [config.pages]),
      };
    },
  };
}

const HEADS = 4;

/** The encoders with their weights in the graph, in operators that have gradients. */
export function encoders(weights: Checkpoint): Pooled {
  const tower = weights.within('vision.siglip.siglip.vision_model.');
  const convolutions = weights.within('vision.resnet.resnet.');
  const words = weights.within('text.encoder.');
  const sizes = siglipSizes(tower, HEADS);
  const images = imagesInput(sizes.image);
  const { ids, mask } = textInputs();
  return {
    vision: [siglip(tower, sizes, images, PLAIN), resnet(convolutions, resnetSizes(convolutions), images)],
    text: bert(words, bertSizes(words, HEADS), ids, mask, PLAIN),
  };
}

export function pooledInputs({ backbones, textFeatures }: HeadSpec): Pooled {
  const rows = (name: string, width: number): Value => input(name, 'float32', ['n', width]);
  return {
    vision: backbones.map(({ name, features }) => rows(name, features)),
    text: rows('text_features', textFeatures),
  };
}

/** Pooled features of every step's batch: with frozen encoders they are computed once. */
export async function pooledFeeds(reference: TrainingReference): Promise<Feeds[]> {
  const { vision, text } = encoders(reference.weights);
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
