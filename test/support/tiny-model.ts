import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seedHead } from '../../src/architectures/head/seeded-head.ts';
import { emit } from '../../src/graph/emit/emit.ts';
import {
  Add,
  Cast,
  Concat,
  Div,
  Flatten,
  Gather,
  GlobalAveragePool,
  MatMul,
  Max,
  Mul,
  ReduceSum,
  Slice,
  Unsqueeze,
} from '../../src/graph/ops/operators.ts';
import { input, parameter, scalar, type Value } from '../../src/graph/value.ts';
import { hashFile, toHeadSpec } from '../../src/model/model.ts';
import { encoderFile, type GridViews, type ModelSpec } from '../../src/model/model-spec.ts';
import { writeSafetensors } from '../../src/weights/safetensors-writer.ts';
import { seeded } from './numeric.ts';

const IMAGE_SIZE = 8;
const FEATURES = 12;
const VOCABULARY = 40;

export interface TinyModelOptions {
  readonly name?: string;
  /** `reference` has two backbones, as the original has; `present` has one. */
  readonly mode?: 'present' | 'reference';
  readonly gridViews?: GridViews;
  /** An existing home to add the model to */
  readonly home?: string;
  /** Seed of the weights: models of different seeds have different spaces */
  readonly seed?: number;
  /** Whether the weights of texts are no numbers, so that no text has a finite vector */
  readonly hasNanWeights?: boolean;
  /** Divides features by the brightness, so that a black picture has no finite vector. */
  readonly divideByBrightness?: boolean;
  /** Takes some 50 ms more for a batch of pictures */
  readonly isSlow?: boolean;
}

/** Makes a model folder of a few kilobytes. Its encoders are made up: any ONNX file can be one. */
export async function makeTinyModel(
  options: TinyModelOptions = {},
): Promise<{ home: string; name: string; folder: string; remove(): Promise<void> }> {
  const { name = 'tiny', mode = 'present', gridViews = 1, seed = 1 } = options;
  const home = options.home ?? (await mkdtemp(path.join(tmpdir(), 'panelvec-home-')));
  const folder = path.join(home, 'models', name);
  await mkdir(folder, { recursive: true });
  const spec = tinySpec({ name, mode, gridViews });
  for (const { encoder } of spec.vision.backbones) {
    await writeFile(
      path.join(folder, encoderFile(encoder)),
      emit({ name: 'image', outputs: { features: imageFeatures(options) } }),
    );
  }
  await writeFile(path.join(folder, 'text.onnx'), emit({ name: 'text', outputs: { features: textFeatures() } }));
  await writeFile(path.join(folder, 'tokenizer.json'), JSON.stringify(tinyTokenizer()));
  const head = seedHead(toHeadSpec(spec), seed);
  if (options.hasNanWeights) head.get('text.proj.weight')?.bytes.fill(0xff);
  await writeSafetensors(path.join(folder, 'head.safetensors'), head);
  for (const file of [
    'text.onnx',
    'tokenizer.json',
    'head.safetensors',
    ...spec.vision.backbones.map(({ encoder }) => encoderFile(encoder)),
  ]) {
    const filePath = path.join(folder, file);
    spec.files[file] = { bytes: (await stat(filePath)).size, sha256: await hashFile(filePath) };
  }
  await writeFile(path.join(folder, 'model.json'), JSON.stringify(spec));
  return { home, name, folder, remove: () => rm(home, { recursive: true, force: true }) };
}

function tinySpec({
  name,
  mode,
  gridViews,
}: Required<Pick<TinyModelOptions, 'name' | 'mode' | 'gridViews'>>): ModelSpec {
  const names = mode === 'reference' ? ['siglip', 'resnet'] : ['only'];
  return {
    format: 1,
    name,
    version: 1,
    description: 'for tests',
    licence: 'MIT',
    dimensions: 16,
    vision: {
      image_size: IMAGE_SIZE,
      grid_views: gridViews,
      backbones: names.map((backbone, i) => ({
        name: backbone,
        encoder: { kind: 'onnx', file: `${backbone}.onnx`, input: 'image', output: 'features' },
        features: FEATURES,
        mean: [0.1 * i, 0, 0],
        std: [1, 0.5, 1],
      })),
    },
    text: {
      encoder: { kind: 'onnx', file: 'text.onnx', input_ids: 'ids', attention_mask: 'mask', output: 'features' },
      features: FEATURES,
      tokenizer: 'tokenizer.json',
      max_tokens: 24,
    },
    head: {
      weights: 'head.safetensors',
      visual_fusion: mode === 'reference' ? 'attention' : 'single',
      modality_indicators: true,
      fusion_mode: mode,
    },
    files: {},
  };
}

/** Means of the channels over the image and three stripes, so that images differ by more than their colour. */
function imageFeatures({ divideByBrightness, isSlow }: TinyModelOptions): Value {
  const image = input('image', 'float32', ['n', 3, IMAGE_SIZE, IMAGE_SIZE]);
  const mean = (part: Value) => Flatten(GlobalAveragePool(part), 1);
  const stripes = [0, 2, 4].map((top) => mean(Slice(image, [top], [top + 2], [2])));
  const features = Concat([mean(image), ...stripes], 1);
  if (isSlow) return Add(features, Mul(productOfLargeMatrices(image), scalar(0)));
  return divideByBrightness ? Div(features, ReduceSum(mean(image), [1], true)) : features;
}

/** A number that takes long. It depends on the image: ONNX Runtime would compute a constant once, when it loads the model. */
function productOfLargeMatrices(image: Value): Value {
  const size = 1024;
  const random = seeded(7);
  const numbers = Float32Array.from({ length: size * size }, random);
  const matrix = parameter('matrix', 'float32', [size, size], new Uint8Array(numbers.buffer));
  return ReduceSum(MatMul(Mul(matrix, ReduceSum(image, [0, 1, 2, 3], false)), matrix), [0, 1], false);
}

function textFeatures(): Value {
  const random = seeded(5);
  const table = Float32Array.from({ length: VOCABULARY * FEATURES }, random);
  const embeddings = parameter('embeddings', 'float32', [VOCABULARY, FEATURES], new Uint8Array(table.buffer));
  const mask = Cast(input('mask', 'int64', ['n', 't']), 'float32');
  const maskedEmbeddings = Mul(Gather(embeddings, input('ids', 'int64', ['n', 't']), 0), Unsqueeze(mask, [2]));
  const count = Max(ReduceSum(mask, [1], true), scalar(1));
  return Add(Div(ReduceSum(maskedEmbeddings, [1], false), count), scalar(0.01));
}

/** The token of each is its index + 1; 0 stands for all else. The runes are for tokens at which engines of a test shall fail. */
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz .,!?ᚠᚢᚦᚨᚱᚲᚷᚹ'];

/** The text of one token. */
export function letterOf(token: number): string {
  const letter = LETTERS[token - 1];
  if (letter === undefined) throw new Error(`the tiny model has no letter for token ${token}`);
  return letter;
}

/** Makes a tokenizer with a token for each letter and one for all else. */
export function tinyTokenizer(): object {
  const vocab = [['<unk>', 0], ...LETTERS.map((letter) => [letter, -3])];
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: 'Unigram', unk_id: 0, vocab },
  };
}
