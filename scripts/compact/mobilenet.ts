import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { emit } from '../../src/graph/emit/emit.ts';
import { Add, Cast, Clip, Conv, Flatten, GlobalAveragePool, Mul, Sub } from '../../src/graph/ops/operators.ts';
import { input, parameter, scalar, type Value } from '../../src/graph/value.ts';
import { type StoredWeight, sliceWeights, type WeightSpec } from './tfjs-weights.ts';

interface TensorflowNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Record<string, { s?: string; list?: { i?: string[]; s?: string[] } }>;
}

/**
 * Converts MobileNetV2 1.4 from npm nsfwjs to ONNX: pixel_values float32 (n, 3, 224, 224), RGB in 0..1 -> features (n, 1792).
 * The package stores each weight as one byte with a scale and an offset per tensor. The file keeps those bytes and
 * widens them in the graph (ONNX Runtime folds that at load), so it is a quarter of the size and loses nothing.
 */
export async function convertMobilenet(packageFolder: string): Promise<Uint8Array> {
  const folder = path.join(packageFolder, 'dist/models/mobilenet_v2_mid');
  const require = createRequire(import.meta.url);
  const load = (file: string) => {
    const module = require(path.join(folder, file));
    return module.default ?? module;
  };
  const model = load('model.min.js');
  const shards = (await readdir(folder)).filter((file) => file.startsWith('group1')).sort();
  const data = Buffer.concat(shards.map((file) => Buffer.from(load(file), 'base64')));
  const weights = sliceWeights(model.weightsManifest[0].weights as WeightSpec[], data);
  return emit({
    name: 'mobilenet_v2_1.4',
    outputs: { features: buildFeatures(model.modelTopology.node, weights) },
    metadata: { source: 'npm nsfwjs@4.4.0, dist/models/mobilenet_v2_mid', license: 'MIT' },
  });
}

function buildFeatures(nodes: readonly TensorflowNode[], weights: ReadonlyMap<string, StoredWeight>): Value {
  const values = new Map<string, Value>([['input', input('pixel_values', 'float32', ['n', 3, 224, 224])]]);
  for (const node of nodes) {
    const nameOf = (index: number) => node.input?.[index]?.split(':')[0] ?? '';
    const getWeight = (index: number) => {
      const weight = weights.get(nameOf(index));
      if (weight === undefined) throw new Error(`${node.name}: input ${index} is missing`);
      return weight;
    };
    const getInput = (index: number) => values.get(nameOf(index)) ?? dequantise(getWeight(index));
    switch (node.op) {
      case 'Placeholder':
      case 'Const':
        break;
      case 'Mul':
        values.set(node.name, Mul(getInput(0), getInput(1)));
        break;
      case 'Sub':
        values.set(node.name, Sub(getInput(0), getInput(1)));
        break;
      case 'AddV2':
        values.set(node.name, Add(getInput(0), getInput(1)));
        break;
      case '_FusedConv2D':
      case 'FusedDepthwiseConv2dNative':
        values.set(node.name, buildConvolution(node, getInput(0), getWeight(1), dequantise(getWeight(2))));
        break;
      case 'AvgPool':
        values.set(node.name, GlobalAveragePool(getInput(0)));
        break;
      // The nodes after the squeeze are the package's own classifier.
      case 'Squeeze':
        return Flatten(getInput(0), 1);
      default:
        throw new Error(`${node.name}: operator ${node.op} is not expected here`);
    }
  }
  throw new Error('the network has no pooled features');
}

function buildConvolution(node: TensorflowNode, x: Value, weight: StoredWeight, bias: Value): Value {
  const isDepthwise = node.op === 'FusedDepthwiseConv2dNative';
  const [height, width, inputs, outputs] = toFourAxes(weight.shape);
  const kernel = isDepthwise
    ? dequantise(permute(weight, [2, 3, 0, 1]), [inputs * outputs, 1, height, width])
    : dequantise(permute(weight, [3, 2, 0, 1]));
  const [, strideY, strideX] = node.attr?.['strides']?.list?.i?.map(Number) ?? [];
  const padding = Buffer.from(node.attr?.['padding']?.s ?? '', 'base64').toString();
  if (strideY === undefined || strideX === undefined) throw new Error(`${node.name} has no strides`);
  const result = Conv(x, kernel, bias, {
    strides: [strideY, strideX],
    group: isDepthwise ? inputs : 1,
    padding: padding === 'SAME' ? 'same' : [0, 0, 0, 0],
  });
  const fusedOps = (node.attr?.['fused_ops']?.list?.s ?? []).map((name) => Buffer.from(name, 'base64').toString());
  return fusedOps.includes('Relu6') ? Clip(result, 0, 6) : result;
}

function dequantise(weight: StoredWeight, shape: readonly number[] = weight.shape): Value {
  if (weight.quantization === undefined) throw new Error(`${weight.name} is not quantised`);
  const { scale, min } = weight.quantization;
  const stored = parameter(weight.name, 'uint8', shape, weight.bytes);
  return Add(Mul(Cast(stored, 'float32'), scalar(scale)), scalar(min));
}

type FourAxes = readonly [number, number, number, number];

function toFourAxes([a, b, c, d, ...others]: readonly number[]): FourAxes {
  if (a === undefined || b === undefined || c === undefined || d === undefined || others.length > 0) {
    throw new Error('a weight of four axes was expected');
  }
  return [a, b, c, d];
}

/** Permutes the axes of a weight from TensorFlow's order (height, width, in, out) to that of ONNX. */
function permute(weight: StoredWeight, order: FourAxes): StoredWeight {
  const sizes = toFourAxes(weight.shape);
  const strides = toFourAxes(sizes.map((_, axis) => sizes.slice(axis + 1).reduce((a, b) => a * b, 1)));
  const shape = toFourAxes(order.map((axis) => sizes[axis] ?? 0));
  const [a, b, c, d] = toFourAxes(order.map((axis) => strides[axis] ?? 0));
  const bytes = new Uint8Array(weight.bytes.length);
  let offset = 0;
  for (let i = 0; i < shape[0]; i++)
    for (let j = 0; j < shape[1]; j++)
      for (let k = 0; k < shape[2]; k++)
        for (let l = 0; l < shape[3]; l++) bytes[offset++] = weight.bytes[i * a + j * b + k * c + l * d]!;
  return { ...weight, shape, bytes };
}
